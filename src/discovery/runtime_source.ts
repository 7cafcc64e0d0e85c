import type { Container, RuntimeKind, RuntimeState, RuntimeStatus } from "../core/container.ts";
import { describeError } from "../core/errors.ts";
import type { Clock, Timer } from "../core/host.ts";
import { RuntimeError, type RuntimeFailure } from "../core/runtime.ts";
import type { ContainerSource } from "./container_source.ts";
import { withDeadline } from "./deadline.ts";
import type { DiscoveryTiming } from "./discovery_timing.ts";
import { KnownContainers } from "./known_containers.ts";
import { ListPace } from "./list_pace.ts";
import type { RuntimeProvider } from "./runtime_provider.ts";

/** One runtime, wherever its socket is. */
export interface RuntimeSourceOptions {
  readonly kind: RuntimeKind;
  /** Shown while no socket is found. */
  readonly name: string;
  /** The first of the spellings of the socket that exists right now, `null` if none. Called before each list. */
  readonly findSocket: () => string | null;
  readonly connect: (socket: string) => RuntimeProvider | Promise<RuntimeProvider>;
  readonly clock: Clock;
  readonly timing: DiscoveryTiming;
}

/**
 * Follows one runtime. The periodic list is the truth; the runtime's own feed of changes only makes the next list
 * come sooner. An error throws the connection away, keeps the known set, and is tried again every second.
 */
export class RuntimeSource implements ContainerSource {
  #options: RuntimeSourceOptions;
  #known: KnownContainers;
  #provider: RuntimeProvider | null = null;
  #state: RuntimeState = "absent";
  #error = "";
  #reason: RuntimeFailure | undefined;
  #socket: string;
  #answered = false;
  #refused = false;
  #looked = false;
  #timer: Timer | null = null;
  #timerAtMs = 0;
  #running: Promise<void> | null = null;
  readonly #pace: ListPace;
  #again = false;
  #abort = new AbortController();
  #watch: AbortController | null = null;
  #watchNotBeforeMs = 0;
  #changed: () => void = () => {};

  constructor(options: RuntimeSourceOptions) {
    this.#options = options;
    this.#socket = options.name;
    this.#known = new KnownContainers(options.timing.inspectRetryMs);
    this.#pace = new ListPace(options.timing.listBurst, options.timing.listGapMs);
  }

  start(changed: () => void): void {
    this.#changed = changed;
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#timer?.cancel();
    this.#disconnect();
    await this.#running;
  }

  status(): RuntimeStatus {
    const status = { kind: this.#options.kind, socket: this.#socket, state: this.#state };
    if (this.#error === "") return Object.freeze(status);
    return Object.freeze({
      ...status,
      error: this.#error,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    });
  }

  settled(): boolean {
    return this.#looked && (this.#answered || this.#refused || this.#state === "absent");
  }

  containers(): ReadonlyMap<string, Container> {
    return this.#known.containers();
  }

  refresh(): void {
    if (this.#running !== null) this.#again = true;
    else {
      const { clock, timing } = this.#options;
      this.#schedule(Math.max(timing.hintDelayMs, this.#pace.waitMs(clock.monotonicMs())));
    }
  }

  /** Sets the timer, or moves it forward; never back. */
  #schedule(delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    const atMs = this.#options.clock.monotonicMs() + delayMs;
    if (this.#timer !== null && this.#timerAtMs <= atMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      this.#running = this.#look().finally(() => this.#running = null).then((delayMs) => this.#next(delayMs));
    });
  }

  #next(delayMs: number): void {
    const again = this.#again;
    this.#again = false;
    this.#schedule(delayMs);
    if (again) this.refresh();
  }

  /** One look. Never throws; returns the pause until the next one in milliseconds. */
  async #look(): Promise<number> {
    const { timing, clock } = this.#options;
    const before = this.#known.containers();
    const told = this.#told();
    let pauseMs = timing.listIntervalMs;
    try {
      const provider = await this.#connect();
      if (provider !== null) await this.#list(provider);
    } catch (error) {
      pauseMs = this.#fail(error);
    }
    this.#looked = true;
    this.#pace.took(clock.monotonicMs());
    if (this.#abort.signal.aborted) return pauseMs;
    if (before !== this.#known.containers() || told !== this.#told()) this.#changed();
    return this.#state === "away" && !this.#refused ? timing.retryMs : pauseMs;
  }

  /** The provider of the socket that is there now; `null` when there is none. */
  async #connect(): Promise<RuntimeProvider | null> {
    const socket = this.#options.findSocket();
    if (socket === null) {
      this.#disconnect();
      this.#state = this.#answered ? "away" : "absent";
      this.#error = this.#answered ? "The socket has disappeared" : "";
      this.#reason = this.#answered ? "away" : undefined;
      this.#refused = false;
      return null;
    }
    if (this.#provider?.socket === socket) return this.#provider;
    this.#disconnect();
    this.#socket = socket;
    const provider = await this.#options.connect(socket);
    // The source may have been stopped while the provider was loaded: nobody else would close it.
    if (this.#abort.signal.aborted) provider.close();
    else this.#provider = provider;
    return this.#provider;
  }

  async #list(provider: RuntimeProvider): Promise<void> {
    const { clock, timing } = this.#options;
    const stop = this.#abort.signal;
    const limitMs = this.#reason === "timeout" ? timing.slowListTimeoutMs : timing.listTimeoutMs;
    const listed = await withDeadline(clock, limitMs, stop, (signal) => provider.list(signal));
    const inspect = (id: string) =>
      withDeadline(clock, timing.inspectTimeoutMs, stop, (signal) => provider.inspect(id, signal));
    this.#startWatch(provider);
    await this.#known.update(listed, () => clock.monotonicMs(), inspect);
    this.#state = "ok";
    this.#error = "";
    this.#reason = undefined;
    this.#answered = true;
    this.#refused = false;
  }

  #fail(error: unknown): number {
    const reason = error instanceof RuntimeError ? error.reason : "failed";
    this.#disconnect();
    this.#error = describeError(error);
    this.#reason = reason;
    this.#refused = reason === "denied" || reason === "unsupported";
    this.#state = reason === "unsupported" && !this.#answered ? "absent" : "away";
    return this.#refused ? this.#options.timing.refusedRetryMs : this.#options.timing.retryMs;
  }

  /** Listens to the feed of changes. When it breaks, the next good list starts it again. */
  #startWatch(provider: RuntimeProvider): void {
    const { clock, timing } = this.#options;
    const beganMs = clock.monotonicMs();
    if (this.#watch !== null || beganMs < this.#watchNotBeforeMs) return;
    const watch = this.#watch = new AbortController();
    const onHint = (id?: string) => {
      if (watch.signal.aborted) return;
      if (id !== undefined) this.#known.suspect(id);
      this.refresh();
    };
    const over = () => {
      if (watch.signal.aborted) return;
      this.#watch = null;
      // A feed that ends at once must not make lists at full speed.
      if (clock.monotonicMs() - beganMs >= timing.listIntervalMs) this.refresh();
      else this.#watchNotBeforeMs = beganMs + timing.refusedRetryMs;
    };
    // `unsupported` keeps the watch in place, so that nobody asks again on this connection.
    provider.watch(onHint, watch.signal).then((end) => end === "ended" && over(), over);
  }

  #disconnect(): void {
    this.#watch?.abort();
    this.#watch = null;
    this.#provider?.close();
    this.#provider = null;
  }

  #told(): string {
    return `${this.#state} ${this.#socket} ${this.#error} ${this.settled()}`;
  }
}
