import type { ParentThread } from "../../core/worker_thread.ts";
import type { Log, LogFields } from "../../core/telemetry.ts";
import type { LogLevel } from "../../telemetry/log.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** The main thread says these for all workers. */
const SAID_BY_MAIN: ReadonlySet<string> = new Set([
  "Agent started",
  "Agent stopped",
  "No pipeline runs, so nothing is collected",
]);

/** A worker's way to the own log, which the main thread keeps: one limit per message, one list of secrets. */
export class PortLog implements Log {
  readonly #link: ParentThread<FromWorker, ToWorker>;
  readonly #worker: number;
  readonly #isDebug: boolean;

  /** `worker`: its number, a field of each line. Debug lines are not even posted when `isDebug` is false. */
  constructor(link: ParentThread<FromWorker, ToWorker>, worker: number, isDebug: boolean) {
    this.#link = link;
    this.#worker = worker;
    this.#isDebug = isDebug;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#isDebug) this.#say("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#say("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#say("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#say("error", message, fields);
  }

  warnOnce(key: string, message: string, fields?: LogFields): void {
    this.#say("warn", message, fields, key);
  }

  #say(level: LogLevel, message: string, fields: LogFields = {}, once?: string): void {
    if (SAID_BY_MAIN.has(message)) return;
    const line = { level, message, fields: { ...fields, worker: this.#worker } };
    this.#link.post({ kind: "said", line: once === undefined ? line : { ...line, once } });
  }
}
