import type { ContainerSnapshot, Discovery } from "../../core/container.ts";
import type { Log } from "../../core/telemetry.ts";
import { noRuntime, silent } from "./check_runtimes.ts";
import { type Machine, whoNeeds } from "./machine.ts";
import { logFindings } from "./log_findings.ts";

/**
 * Names runtimes that pipelines need and that are not there or do not answer, each once until it answers again.
 * Discovery asks them anyway, so this costs no call and waits for none.
 */
export class RuntimeWatch {
  readonly #machine: Machine;
  readonly #discovery: Discovery;
  readonly #log: Log;
  /** Sockets that were named. */
  readonly #named: Set<string> = new Set();
  #saidNone = false;
  #unsubscribe: (() => void) | null = null;

  constructor(machine: Machine, discovery: Discovery, log: Log) {
    this.#machine = machine;
    this.#discovery = discovery;
    this.#log = log;
  }

  start(): void {
    if (whoNeeds(this.#machine, "container_output", "container_files").length === 0) return;
    this.#unsubscribe ??= this.#discovery.onSnapshot((snapshot) => this.#look(snapshot));
    this.#look(this.#discovery.current());
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #look({ complete, containers, runtimes }: ContainerSnapshot): void {
    for (const status of runtimes) {
      if (status.state === "ok") this.#named.delete(status.socket);
      if (status.state !== "away" || this.#named.has(status.socket)) continue;
      this.#named.add(status.socket);
      logFindings([silent(this.#machine, status)], this.#log);
    }
    if (this.#saidNone || !complete || containers.size > 0) return;
    if (runtimes.some(({ state }) => state !== "absent")) return;
    this.#saidNone = true;
    logFindings([noRuntime(this.#machine, runtimes)], this.#log);
  }
}
