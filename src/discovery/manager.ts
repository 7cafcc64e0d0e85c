import type { Container, ContainerSnapshot, Discovery } from "../core/container.ts";
import type { Clock, Timer } from "../core/host.ts";
import { Subscribers } from "../core/subscribers.ts";
import type { ContainerSource } from "./container_source.ts";
import { GoneContainers } from "./gone_containers.ts";

/** Called when a subscriber throws; the others are still told. */
export type SubscriberFailed = (error: unknown) => void;

const EMPTY: ContainerSnapshot = Object.freeze({
  sequence: 0,
  containers: new Map(),
  complete: false,
  runtimes: [],
});

/** Merges all sources into one list and publishes it whole whenever anything in it changed. */
export class DiscoveryManager implements Discovery {
  #sources: readonly ContainerSource[];
  #clock: Clock;
  #gone: GoneContainers;
  #snapshot = EMPTY;
  /** What the sources had at the last merge. */
  #live: ReadonlyMap<string, Container> = new Map();
  readonly #subscribers: Subscribers<ContainerSnapshot>;
  #timer: Timer | null = null;
  #started = false;
  #stopped: Promise<void> | null = null;

  /** `goneMs`: how long a container that is gone stays in the snapshots. */
  constructor(sources: readonly ContainerSource[], clock: Clock, goneMs: number, failed: SubscriberFailed) {
    this.#sources = sources;
    this.#clock = clock;
    this.#gone = new GoneContainers(goneMs);
    this.#subscribers = new Subscribers(failed);
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const source of this.#sources) source.start(() => this.#merge());
    if (this.#sources.length === 0) this.#timer = this.#clock.after(0, () => this.#merge());
  }

  stop(): Promise<void> {
    this.#started = true;
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  current(): ContainerSnapshot {
    return this.#snapshot;
  }

  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void {
    return this.#subscribers.add(callback);
  }

  refresh(): void {
    if (!this.#started || this.#stopped !== null) return;
    for (const source of this.#sources) source.refresh();
  }

  async #end(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  #merge(): void {
    if (this.#stopped !== null) return;
    const nowMs = this.#clock.monotonicMs();
    const live = this.#liveContainers();
    for (const [id, container] of this.#live) if (!live.has(id)) this.#gone.add(container, nowMs);
    for (const id of live.keys()) this.#gone.remove(id);
    this.#live = live;
    this.#planExpiry(this.#gone.expire(nowMs), nowMs);
    const containers = new Map(live);
    for (const container of this.#gone.containers()) containers.set(container.id, container);
    this.#publish(containers);
  }

  /** One container under one id: where two sources know it, the first source counts. */
  #liveContainers(): ReadonlyMap<string, Container> {
    const live = new Map<string, Container>();
    for (const source of this.#sources) {
      for (const [id, container] of source.containers()) if (!live.has(id)) live.set(id, container);
    }
    return live;
  }

  #planExpiry(atMs: number | null, nowMs: number): void {
    this.#timer?.cancel();
    this.#timer = atMs === null ? null : this.#clock.after(atMs - nowMs, () => this.#merge());
  }

  #publish(containers: ReadonlyMap<string, Container>): void {
    const snapshot: ContainerSnapshot = Object.freeze({
      sequence: this.#snapshot.sequence + 1,
      containers,
      complete: this.#snapshot.complete || this.#sources.every((source) => source.settled()),
      runtimes: Object.freeze(this.#sources.map((source) => source.status())),
    });
    this.#snapshot = snapshot;
    this.#subscribers.tell(snapshot);
  }
}
