import type { Log, Metrics } from "../core/telemetry.ts";

/** Refusals remembered, so that each is said and counted once; further ones are not told apart any more. */
export const KEPT_MAX = 10_000;
/** Names kept per reason for a summary. */
const NAMES_MAX = 5;

/** Files and folders that are not read for one reason. */
export interface RefusedFiles {
  readonly count: number;
  /** The first few of them. */
  readonly paths: readonly string[];
}

/** Which files are not read, and why: each is counted and said once, however often a pattern finds it again. */
export class Refusals {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #said: Set<string> = new Set();
  #full = false;
  readonly #byReason: Map<string, { count: number; readonly paths: string[] }> = new Map();

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** `label` and `path`: the container, or `host`, and the path in it. */
  add(reason: string, label: string, path: string, detail: string): void {
    const key = `${reason}\n${label}\n${path}`;
    if (this.#said.has(key)) return;
    if (this.#said.size >= KEPT_MAX) {
      if (!this.#full) {
        this.#log.warn("Too many files are not read: further ones are not named", { named: KEPT_MAX });
      }
      this.#full = true;
      return;
    }
    this.#said.add(key);
    const files = this.#byReason.get(reason) ?? { count: 0, paths: [] };
    this.#byReason.set(reason, files);
    files.count++;
    if (files.paths.length < NAMES_MAX) files.paths.push(label === "host" ? path : `${label}:${path}`);
    this.#metrics.counter(
      "denotail_refused_files_total",
      "Files that are not read, by reason.",
      { reason },
    ).value++;
    this.#log.warn("File is not read", { reason, container: label, path, detail });
  }

  /** All so far, by reason. */
  get byReason(): ReadonlyMap<string, RefusedFiles> {
    return this.#byReason;
  }
}
