import { Command, CommanderError, Option } from "commander";
import { type Flag, type FlagKey, FLAGS } from "./flags.ts";
import type { FlagTexts } from "./options.ts";

/** What a command line asks for. */
export type Asked =
  | { readonly kind: "run" | "validate" | "doctor" | "start"; readonly flags: FlagTexts }
  | { readonly kind: "docs"; readonly folder: string }
  /** `--help`, `--version`: print and leave. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "usage"; readonly text: string };

/** Commands that take the flags of the table, with their sentences. */
export const AGENT_COMMANDS = {
  run: "Run the pipelines of the config folder until SIGTERM or SIGINT",
  validate: "Check the pipelines of the config folder; exit code 78 when there are errors",
  doctor:
    "Look for missing mounts, sockets, rights and brokers, with remedies; exit code 78 when something is wrong",
  start:
    "Run on this machine without configuration: all containers and /var/log, printed or sent to KAFKA_BROKERS",
} as const;

/** Sentence of `docs`. */
export const DOCS_ABOUT = "Write the reference pages and the JSON Schema of pipeline files";

/** Arguments behind the program's name -> what is asked for. Touches nothing of the process. */
export function parseCommandLine(args: readonly string[], version: string): Asked {
  let asked: Asked | undefined;
  let text = "";
  const program = quiet(new Command("denotail"), (part) => text += part)
    .description("Collects the logs of a Kubernetes node or a plain machine and delivers them to Kafka")
    .version(version);
  for (const kind of Object.keys(AGENT_COMMANDS) as (keyof typeof AGENT_COMMANDS)[]) {
    const command = quiet(program.command(kind), (part) => text += part).description(AGENT_COMMANDS[kind]);
    for (const key of Object.keys(FLAGS) as FlagKey[]) {
      command.addOption(optionOf(FLAGS[key] as Flag<unknown>, key));
    }
    command.action((options: Record<string, string | true>) => {
      asked = { kind, flags: flagTexts(options) };
    });
  }
  quiet(program.command("docs"), (part) => text += part).description(DOCS_ABOUT)
    .argument("[folder]", "where to write", "docs/reference")
    .action((folder: string) => {
      asked = { kind: "docs", folder };
    });
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { kind: "text", text } : { kind: "usage", text };
  }
  return asked ?? { kind: "usage", text };
}

/** commander would print, colour and exit by itself, and ask the environment whether to. */
function quiet(command: Command, write: (part: string) => void): Command {
  return command.exitOverride().allowExcessArguments(false).configureOutput({
    writeOut: write,
    writeErr: write,
    getOutHelpWidth: () => 110,
    getErrHelpWidth: () => 110,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

function optionOf(flag: Flag<unknown>, key: FlagKey): Option {
  const notes = [
    flag.default === "" || flag.value === "" ? "" : `default ${flag.default}`,
    `env ${flag.env.join(", ")}`,
  ].filter((note) => note !== "").join("; ");
  // A switch may be given as `--from-start` or `--from-start=false`.
  const value = flag.value === "" ? " [true|false]" : ` ${flag.value}`;
  const option = new Option(`--${flag.name}${value}`, `${flag.about} (${notes})`);
  option.attributeName = () => key;
  return option;
}

function flagTexts(options: Readonly<Record<string, string | true>>): FlagTexts {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, value === true ? "true" : value]),
  );
}
