import type { ContainerSnapshot, Discovery } from "../../core/container.ts";
import { Subscribers } from "../../core/subscribers.ts";
import type { ParentThread } from "../../core/worker_thread.ts";
import type { ContainerChange, FromWorker, ToWorker } from "./messages.ts";

/** A worker's list of containers: those of its part, as the main thread tells them. */
export class PortDiscovery implements Discovery {
  readonly #link: ParentThread<FromWorker, ToWorker>;
  readonly #subscribers: Subscribers<ContainerSnapshot>;
  #snapshot: ContainerSnapshot = { sequence: 0, containers: new Map(), complete: false, runtimes: [] };

  /** `failed` is told when a subscriber throws; the others are still told. */
  constructor(link: ParentThread<FromWorker, ToWorker>, failed: (error: unknown) => void) {
    this.#link = link;
    this.#subscribers = new Subscribers(failed);
  }

  start(): void {}

  stop(): Promise<void> {
    this.#subscribers.clear();
    return Promise.resolve();
  }

  current(): ContainerSnapshot {
    return this.#snapshot;
  }

  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void {
    return this.#subscribers.add(callback);
  }

  keepEnv(names: Iterable<string>): void {
    const list = [...names];
    if (list.length > 0) this.#link.post({ kind: "keep", names: list });
  }

  refresh(): void {
    this.#link.post({ kind: "refresh" });
  }

  /** Containers that are not in the change stay the same objects: that is how inputs see that nothing changed. */
  apply({ changed, gone, complete, runtimes }: ContainerChange): void {
    const containers = new Map(this.#snapshot.containers);
    for (const id of gone) containers.delete(id);
    for (const container of changed) containers.set(container.id, container);
    const snapshot = { sequence: this.#snapshot.sequence + 1, containers, complete, runtimes };
    this.#snapshot = snapshot;
    this.#subscribers.tell(snapshot);
  }
}
