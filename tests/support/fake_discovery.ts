import type { Container, ContainerSnapshot, Discovery, RuntimeStatus } from "../../src/core/container.ts";

const SOCKET = { kind: "docker", socket: "/host/run/docker.sock" } as const;

/** A list of containers that a test publishes. */
export class FakeDiscovery implements Discovery {
  started = 0;
  stopped = 0;
  #snapshot: ContainerSnapshot = { sequence: 0, containers: new Map(), complete: false, runtimes: [] };
  readonly #callbacks: Set<(snapshot: ContainerSnapshot) => void> = new Set();

  /** What the runtime lists now. */
  publish(...containers: readonly Container[]): void {
    this.say({
      containers: new Map(containers.map((container) => [container.id, container])),
      complete: true,
      runtimes: [{ ...SOCKET, state: "ok" }],
    });
  }

  /** Every present runtime was asked, and there is none that answers. */
  publishNoRuntime(...runtimes: readonly RuntimeStatus[]): void {
    this.say({ containers: new Map(), complete: true, runtimes });
  }

  say(next: Omit<ContainerSnapshot, "sequence">): void {
    this.#snapshot = { ...next, sequence: this.#snapshot.sequence + 1 };
    for (const callback of [...this.#callbacks]) callback(this.#snapshot);
  }

  /** Who listens. */
  get listeners(): number {
    return this.#callbacks.size;
  }

  start(): void {
    this.started++;
  }

  stop(): Promise<void> {
    this.stopped++;
    return Promise.resolve();
  }

  current(): ContainerSnapshot {
    return this.#snapshot;
  }

  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  refresh(): void {}
}
