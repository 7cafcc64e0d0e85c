import { AGENT_COMMANDS, DOCS_ABOUT } from "./command_line.ts";
import { tableRow } from "./docs_plugin.ts";
import { CHECKS, CHECKS_ABOUT } from "./doctor/finding.ts";
import { EXIT_MEANINGS } from "./exit_codes.ts";
import { type Flag, FLAGS } from "./flags.ts";
import { START_DEFAULTS } from "./start_defaults.ts";

/** The page of commands, flags and exit codes. */
export function cliPage(): string {
  const lines = ["# Command line", "", "| command | what it does |", "| --- | --- |"];
  for (const [name, about] of Object.entries({ ...AGENT_COMMANDS, "docs [folder]": DOCS_ABOUT })) {
    lines.push(tableRow([`\`denotail ${name}\``, about]));
  }
  lines.push(
    "",
    "## Flags",
    "",
    "Of `run`, `validate`, `doctor` and `start`. A flag counts before its environment variables, the first of which that is set and not",
    "empty counts before the default. A wrong value of a `DENOTAIL_` variable is an error; one of another variable is ignored",
    "with a warning.",
    "",
    "| flag | environment | default | meaning |",
    "| --- | --- | --- | --- |",
  );
  for (const flag of Object.values(FLAGS) as Flag<unknown>[]) {
    const name = `\`--${flag.name}${flag.value === "" ? "" : ` ${flag.value}`}\``;
    const env = flag.env.map((variable) => `\`${variable}\``).join(", ");
    lines.push(tableRow([name, env, flag.default === "" ? "" : `\`${flag.default}\``, `${flag.about}.`]));
  }
  lines.push("", "Defaults of `start` that differ:", "");
  for (const [key, value] of Object.entries(START_DEFAULTS)) {
    lines.push(`- \`--${FLAGS[key as keyof typeof FLAGS].name} ${value}\``);
  }
  lines.push(
    "",
    "`start` with `KAFKA_BROKERS` (and `KAFKA_TOPIC`, default `denotail`) in the environment sends to Kafka instead of printing.",
    "",
    "## doctor",
    "",
    "`doctor` takes the flags of `run` and looks at what the agent would find with them. Each row of its table is one of:",
    "",
    "| check | what is looked at |",
    "| --- | --- |",
    ...CHECKS.map((check) => tableRow([check, `${CHECKS_ABOUT[check]}.`])),
    "",
    "States are `ok`, `warning` (no pipeline suffers, or not yet), `wrong` (the pipelines below it suffer) and `unknown` (it could",
    "not be looked at). It asks runtimes and brokers once, changes nothing, makes no topic, and may run beside an agent. What is",
    "wrong makes the exit code 78. `run` makes the checks that need no call at its start, and logs what it finds.",
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "| --- | --- |",
  );
  for (const [code, meaning] of EXIT_MEANINGS) lines.push(tableRow([`${code}`, `${meaning}.`]));
  return lines.join("\n") + "\n";
}
