import { visibleLine } from "../../base/visible_text.ts";
import { plural } from "../people.ts";
import { CHECKS, type Finding } from "./finding.ts";

/**
 * The table of `denotail doctor`, with what to do below each row that needs it:
 *
 *     host root    wrong    '/logtail_host' is empty: nothing is mounted there
 *                           pipelines: nginx
 *                           docker run: -v /:/logtail_host:ro,rslave
 */
export function printFindings(findings: readonly Finding[]): string {
  const lines = [row("check", "state", "found")];
  for (const check of CHECKS) {
    for (const one of findings.filter((finding) => finding.check === check)) {
      lines.push(row(one.check, one.state, one.found));
      if (one.pipelines.length > 0) lines.push(row("", "", `pipelines: ${one.pipelines.join(", ")}`));
      for (const way of one.remedy) lines.push(row("", "", way));
    }
  }
  return [...lines, "", closing(findings)].join("\n") + "\n";
}

function row(check: string, state: string, text: string): string {
  return `${check.padEnd(12)} ${state.padEnd(8)} ${visibleLine(text)}`;
}

function closing(findings: readonly Finding[]): string {
  const count = (state: string) => findings.filter((finding) => finding.state === state).length;
  const [wrong, warnings, unknown] = [count("wrong"), count("warning"), count("unknown")];
  const parts = [
    wrong > 0 ? `${wrong} wrong` : "",
    warnings > 0 ? plural(warnings, "warning") : "",
    unknown > 0 ? `${unknown} unknown` : "",
  ];
  return parts.filter((part) => part !== "").join(", ") || "all is well";
}
