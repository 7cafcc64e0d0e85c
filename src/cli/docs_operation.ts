import { ERROR_CODES } from "../core/error_codes.ts";
import { METRICS } from "../telemetry/metric_list.ts";
import { tableRow } from "./docs_plugin.ts";

/** The page of `/metrics`. */
export function metricsPage(): string {
  const lines = [
    "# Metrics",
    "",
    "`/metrics` (`--metrics`, by default on `127.0.0.1:9465`) gives them in Prometheus' text form. A metric appears with its",
    "first series; at most 2,000 label sets per name are kept apart, the rest counts under `other`.",
    "",
    "| metric | kind | labels | meaning |",
    "| --- | --- | --- | --- |",
  ];
  for (const { name, labels, help, use } of METRICS) {
    const kind = name.endsWith("_total") ? "counter" : "gauge";
    const shown = labels.map((label) => `\`${label}\``).join(", ");
    lines.push(tableRow([`\`${name}\``, kind, shown, use === "" ? help : `${help} ${use}`]));
  }
  return lines.join("\n") + "\n";
}

/** The page of errors while running; those of configurations have their own. */
export function errorsPage(): string {
  const lines = [
    "# Errors",
    "",
    "What can go wrong while the agent runs, by code. Problems of pipeline files stand in [problems.md](problems.md), exit",
    "codes in [cli.md](cli.md).",
    "",
    "| code | meaning | what to do |",
    "| --- | --- | --- |",
  ];
  for (const [code, { meaning, remedy }] of Object.entries(ERROR_CODES)) {
    lines.push(tableRow([`\`${code}\``, meaning, remedy]));
  }
  return lines.join("\n") + "\n";
}
