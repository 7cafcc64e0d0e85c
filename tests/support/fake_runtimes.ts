/** Runtimes in memory for tests of discovery: they answer, refuse, hang and hint as a test says. */
import type { Container, RuntimeKind } from "../../src/core/container.ts";
import { RuntimeError, type RuntimeHint } from "../../src/core/runtime.ts";
import type { ListedContainer, RuntimeProvider } from "../../src/discovery/runtime_provider.ts";

/** One runtime; each connection is a new {@linkcode FakeProvider} on the same state. */
export class FakeRuntime {
  /** What is there now. */
  readonly containers = new Map<string, Container>();
  /** How calls fail; `hang` never answers. */
  mode: "ok" | "away" | "denied" | "unsupported" | "hang" = "ok";
  /** Inspections of these ids never answer, or fail. */
  readonly stuck = new Set<string>();
  readonly broken = new Set<string>();
  /** What a list waits for. */
  beforeList: () => Promise<unknown> = () => Promise.resolve();
  watch: "feed" | "unsupported" | "broken" = "feed";
  lists = 0;
  readonly inspected: string[] = [];
  connections = 0;
  watches = 0;
  #hints = new Set<RuntimeHint>();

  constructor(readonly kind: RuntimeKind = "docker") {}

  set(container: Container): void {
    this.containers.set(container.id, container);
  }

  /** Sends a hint to all who listen. */
  hint(id?: string): void {
    for (const hint of [...this.#hints]) hint(id);
  }

  connect(socket: string): RuntimeProvider {
    this.connections++;
    return {
      kind: this.kind,
      socket,
      list: async (signal): Promise<ListedContainer[]> => {
        this.lists++;
        await this.beforeList();
        await this.#answer(signal);
        return [...this.containers.values()].map((container) => ({
          id: container.id,
          fingerprint: JSON.stringify([container.state, [...container.labels], [...container.podLabels]]),
        }));
      },
      inspect: async (id, signal) => {
        this.inspected.push(id);
        if (this.broken.has(id)) throw new RuntimeError("failed", "Server error");
        if (this.stuck.has(id)) await hang(signal);
        await this.#answer(signal);
        return this.containers.get(id) ?? null;
      },
      watch: (onHint, signal) => {
        this.watches++;
        if (this.watch === "unsupported") return Promise.resolve("unsupported");
        if (this.watch === "broken") return Promise.reject(new RuntimeError("away", "Broken pipe"));
        this.#hints.add(onHint);
        return new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            this.#hints.delete(onHint);
            resolve("ended");
          })
        );
      },
      close: () => {},
    };
  }

  async #answer(signal: AbortSignal): Promise<void> {
    if (this.mode === "hang") await hang(signal);
    else if (this.mode !== "ok") throw new RuntimeError(this.mode, `The runtime is '${this.mode}'`);
  }
}

/** Never answers, whatever the signal does: deadlines must not depend on the client. */
function hang(_signal: AbortSignal): Promise<never> {
  return new Promise(() => {});
}
