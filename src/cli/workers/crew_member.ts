import type { ContainerSnapshot } from "../../core/container.ts";
import { PermanentError } from "../../core/errors.ts";
import type { Clock } from "../../core/host.ts";
import type { Shard } from "../../core/shard.ts";
import type { WorkerThread } from "../../core/worker_thread.ts";
import { ContainerFeed } from "./container_feed.ts";
import type { FromWorker, ToWorker, WorkerOrder, WorkerStatus } from "./messages.ts";

/** Who is told what a worker says. */
export interface MemberOwner {
  /** `answer` is for what the worker waits for. */
  asked(message: FromWorker, member: CrewMember, answer: (text: string) => void): void;
  failed(error: Error, reason: string): void;
}

/** One worker, seen from the main thread: its way through load, start and stop, and how it is. */
export class CrewMember {
  readonly shard: Shard;
  /** The last one; `null` before it works. */
  status: WorkerStatus | null = null;
  statusMs = 0;
  /** `null`: it did not say so. */
  stopped: { readonly isClean: boolean; readonly unsettledBytes: number } | null = null;
  readonly #thread: WorkerThread<ToWorker, FromWorker>;
  readonly #clock: Clock;
  readonly #owner: MemberOwner;
  readonly #feed: ContainerFeed;
  readonly #ready = Promise.withResolvers<void>();
  readonly #loaded = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(
    shard: Shard,
    thread: WorkerThread<ToWorker, FromWorker>,
    clock: Clock,
    owner: MemberOwner,
  ) {
    this.shard = shard;
    this.#thread = thread;
    this.#clock = clock;
    this.#owner = owner;
    this.#feed = new ContainerFeed(shard);
    // Who waits for it is told; a failure later is the owner's matter.
    this.#ready.promise.catch(() => {});
    this.#loaded.promise.catch(() => {});
    thread.onMessage((message, answer) => this.#take(message, answer));
    thread.onFailure((reason) => this.#fail(reason));
  }

  async load(order: WorkerOrder): Promise<void> {
    await this.#ready.promise;
    this.post({ kind: "load", order });
    await this.#loaded.promise;
  }

  start(order: Extract<ToWorker, { kind: "start" }>): void {
    this.post(order);
  }

  /** Tells it what is new among its containers. */
  feed(snapshot: ContainerSnapshot): void {
    const change = this.#feed.next(snapshot);
    if (change !== null) this.post({ kind: "containers", change });
  }

  /** Resolves when it has stopped, or died. */
  stop(): Promise<void> {
    this.post({ kind: "stop" });
    return this.#ended.promise;
  }

  terminate(): void {
    this.#thread.terminate();
  }

  post(message: ToWorker): void {
    this.#thread.post(message);
  }

  /** How long its event loop stands still or stood still a moment ago; 0 while it tells its status in time. */
  stalledMs(silentMs: number): number {
    if (this.status === null || this.stopped !== null) return 0;
    return Math.max(this.status.loopStalledMs, this.#clock.monotonicMs() - this.statusMs - silentMs);
  }

  #take(message: FromWorker, answer: (text: string) => void): void {
    switch (message.kind) {
      case "ready":
        return this.#ready.resolve();
      case "loaded":
        return this.#loaded.resolve();
      case "status":
        this.status = message.status;
        this.statusMs = this.#clock.monotonicMs();
        return;
      case "stopped":
        this.stopped = message;
        return this.#ended.resolve();
      case "failed":
        return this.#fail(message.reason);
      default:
        this.#owner.asked(message, this, answer);
    }
  }

  #fail(reason: string): void {
    const error = new PermanentError("WORKER_FAILED", `Worker ${this.shard.index} ended: ${reason}`);
    this.#ready.reject(error);
    this.#loaded.reject(error);
    this.#ended.resolve();
    this.#owner.failed(error, reason);
  }
}
