/** What a fault of docs/reliability.md is: something that goes wrong in the world, and what the agent does then. */
import type { ReliabilityBed } from "./reliability_bed.ts";

/** `short` runs with `deno task test` unless the fault is `byHand`; `full` by hand. */
export type Form = "short" | "full";

/** One fault with the run that shows it. */
export interface Fault {
  /** `R1` … `R21`, `L1` … for the ledger of losses, or `I1` … for isolation. */
  id: string;
  /** What goes wrong, for the table. */
  fault: string;
  /** What is done, in both forms. */
  done: Record<Form, string>;
  /** What a user sees of it. */
  users: string;
  /** It holds times, CPU or memory against bounds: nothing else may run beside it. */
  measures?: boolean;
  /** Even its short form takes half a minute and more, which the whole check does not have. */
  byHand?: boolean;
  /** Does it; throws when the promise is broken, else gives the figures in one line. */
  run(bed: ReliabilityBed, form: Form): Promise<string>;
}

/** A fault whose run is a suite of end-to-end tests, part of `deno task test` by itself. */
export interface SuiteFault extends Omit<Fault, "run"> {
  /** Path of the suite. */
  suite: string;
  /** Names of its tests that belong to the fault. */
  filter: RegExp;
}
