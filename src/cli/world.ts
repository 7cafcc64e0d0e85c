import type { ConfigWorld } from "../config/load_folder.ts";
import type { Problem } from "../config/problem.ts";
import type { Granted } from "../core/grants.ts";
import type { Finding } from "./doctor/finding.ts";
import type { CliOptions } from "./options.ts";

/** An agent as commands see it; `Agent` of src/agent is one. */
export interface RunnableAgent {
  /** Reads the pipelines and makes their plugins, starts nothing. Pipelines with errors will not run. */
  load(): Promise<{ readonly problems: readonly Problem[] }>;
  /** Begins to work; returns at once. */
  start(): void;
  /** Resolves when going on makes no sense: `start` whose output nobody reads any more. */
  readonly over: Promise<void>;
  /** Ends the work, also one that was never begun; `deadline` when something was still unacknowledged. */
  stop(): Promise<"clean" | "deadline">;
}

/** What commands need of the world; main.ts hands it in. */
export interface CliWorld extends ConfigWorld {
  /** What Deno permits this program. */
  readonly granted: Granted;
  /** Writes to stdout as it is. */
  print(text: string): void;
  /** Writes to stderr as it is. */
  printError(text: string): void;
  /** Replaces a text file, makes its folders. */
  writeText(path: string, text: string): void;
  /** Makes a folder and those above it; false when that is not possible. */
  makeFolder(path: string): boolean;
  /** Puts an agent together on this machine. To validate, it opens no checkpoint and no port. */
  makeAgent(options: CliOptions, purpose: "run" | "validate"): Promise<RunnableAgent>;
  /** Looks at the machine for `doctor`; changes nothing. */
  examine(options: CliOptions): Promise<readonly Finding[]>;
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stopAsked: Promise<void>;
  /** Whether it did. */
  readonly stopRequested: boolean;
}
