import type { AgentOptions } from "../config/agent_options.ts";
import type { ConfigWorld } from "../config/load_folder.ts";
import type { Problem } from "../config/problem.ts";

/** An agent as commands see it; `Agent` of src/agent is one. */
export interface RunnableAgent {
  /** Reads the pipelines and makes their plugins, starts nothing. All problems; those with errors will not run. */
  load(): Promise<readonly Problem[]>;
  /** Runs until {@linkcode stop}; rejects when it cannot start or go on. */
  run(): Promise<void>;
  /** Stops; `deadline` when something was still unacknowledged. */
  stop(): Promise<"clean" | "deadline">;
}

/** What commands need of the world; main.ts hands it in. */
export interface CliWorld extends ConfigWorld {
  /** Writes to stdout as it is. */
  print(text: string): void;
  /** Writes to stderr as it is. */
  printError(text: string): void;
  /** Replaces a text file, makes its folders. */
  writeText(path: string, text: string): void;
  /** Puts an agent together on this machine; nothing is opened yet. */
  makeAgent(options: AgentOptions): Promise<RunnableAgent>;
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stopAsked: Promise<void>;
}
