import type { ContainerSnapshot } from "../core/container.ts";
import type { InputContext } from "../core/plugin.ts";

/** Names once per pipeline that it wants containers on a host where no runtime answers; never in silence. */
export class NoRuntimeNotice {
  readonly #context: InputContext;
  readonly #what: string;
  #unsubscribe: (() => void) | null = null;

  /** `what` is not read without a runtime: "files in containers". */
  constructor(context: InputContext, what: string) {
    this.#context = context;
    this.#what = what;
  }

  start(): void {
    const { discovery } = this.#context;
    this.#unsubscribe ??= discovery.onSnapshot((snapshot) => this.#look(snapshot));
    this.#look(discovery.current());
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #look({ complete, containers, runtimes }: ContainerSnapshot): void {
    if (!complete || containers.size > 0 || runtimes.some(({ state }) => state === "ok")) return;
    const { log, pipeline, id } = this.#context;
    const seen = runtimes.map(({ socket, state, error }) => `${socket} ${error ?? state}`);
    log.warnOnce(`no-runtime:${pipeline}:${id}`, "No container runtime was found, so nothing is collected", {
      pipeline,
      input: id,
      what: this.#what,
      runtimes: seen.join(", "),
    });
  }
}
