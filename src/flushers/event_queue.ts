import { makeBytes } from "../base/buffers.ts";
import { describeError, PermanentError } from "../core/errors.ts";
import type { EventWriter } from "../core/event_writer.ts";
import type { Clock } from "../core/host.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Budget, BudgetHolder } from "../core/plugin.ts";
import type { Cell, Log, Metrics } from "../core/telemetry.ts";

/** Bytes that wait for the writer at most, also without a tight budget: output for eyes needs no more. */
export const EVENT_QUEUE_BYTES_MAX = 256 * 1024;
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 30_000;
/** After so long without progress the holder is called stalled and gets the smallest part of the budget. */
const STALLED_AFTER_MS = 10_000;

/** What the queue needs of its surroundings. */
export interface EventQueueServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly budget: Budget;
}

/**
 * Lines on their way to one writer: new ones gather in one buffer while the other is being written and synced, then
 * its entries are settled and the buffers change places. A failed write is tried again for ever, from the byte it got
 * to, or from the first one when the sync failed; nothing is settled meanwhile, so the lanes run out of room and stop
 * reading. When the writer says that there is no way back, nothing is settled any more, and nothing waits for it.
 */
export class EventQueue {
  /** Bytes and entries that gather; the sinks write here through {@linkcode reserve}. */
  out: Uint8Array = new Uint8Array(0);
  used = 0;
  readonly #name: string;
  readonly #writer: EventWriter;
  readonly #services: EventQueueServices;
  readonly #holder: BudgetHolder;
  readonly #failures: Cell;
  readonly #wakes: Set<() => void> = new Set();
  #entries: LedgerEntry[] = [];
  #spare: Uint8Array = new Uint8Array(0);
  #writingBytes = 0;
  #movedMs = 0;
  #running: Promise<void> | null = null;
  #broken = false;

  /** `name` is for people: a path, or `standard output`. */
  constructor(name: string, writer: EventWriter, services: EventQueueServices) {
    this.#name = name;
    this.#writer = writer;
    this.#services = services;
    this.#holder = services.budget.holder(`events to ${name}`);
    this.#failures = services.metrics.counter(
      "denotail_events_write_failures_total",
      "Writes of events that failed and were tried again.",
      { place: name },
    );
  }

  /** Calls back whenever room appears. */
  onRoom(wake: () => void): void {
    this.#wakes.add(wake);
  }

  /** Bytes that may be added now. */
  room(): number {
    if (this.#broken) return 0;
    const waiting = this.used + this.#writingBytes;
    this.#holder.stalled = waiting > 0 &&
      this.#services.clock.monotonicMs() - this.#movedMs >= STALLED_AFTER_MS;
    return Math.max(0, Math.min(EVENT_QUEUE_BYTES_MAX, this.#holder.cap()) - waiting);
  }

  /** Makes room for `bytes` in `out` behind `used`. */
  reserve(bytes: number): void {
    const need = this.used + bytes;
    if (need <= this.out.length) return;
    const grown = makeBytes(Math.max(need, this.out.length * 2, 64 * 1024));
    grown.set(this.out.subarray(0, this.used));
    this.out = grown;
  }

  /** What was written to `out` since the last call carries records of this entry: settles it when that is safe. */
  add(entry: LedgerEntry): void {
    entry.hold();
    this.#entries.push(entry);
    this.#count();
    if (this.#running !== null || this.#broken) return;
    this.#movedMs = this.#services.clock.monotonicMs();
    this.#running = this.#run();
  }

  /** Resolves when nothing waits any more, or the writer is broken; for ever pending when the writer never recovers. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #count(): void {
    this.#holder.used = this.used + this.#writingBytes;
  }

  async #run(): Promise<void> {
    while (this.used > 0 && !this.#broken) {
      const full = this.out, length = this.used, entries = this.#entries;
      this.out = this.#spare;
      this.used = 0;
      this.#entries = [];
      this.#writingBytes = length;
      await this.#writeAll(full.subarray(0, length));
      if (this.#broken) break;
      // A buffer that one giant record made grow is not kept.
      this.#spare = full.length > 2 * EVENT_QUEUE_BYTES_MAX ? new Uint8Array(0) : full;
      this.#writingBytes = 0;
      this.#count();
      for (const entry of entries) entry.settle();
      for (const wake of this.#wakes) wake();
    }
    // In the same step as the test above, so that nothing is added in between and then forgotten.
    this.#running = null;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let at = 0;
    await this.#untilDone(async () => {
      while (at < bytes.length) {
        at += await this.#writer.write(bytes.subarray(at));
        this.#movedMs = this.#services.clock.monotonicMs();
      }
      try {
        await this.#writer.sync();
      } catch (error) {
        // The kernel forgets pages that it failed to write, and the next sync would say that all is well.
        at = 0;
        throw error;
      }
    });
  }

  async #untilDone(work: () => Promise<void>): Promise<void> {
    for (let pauseMs = RETRY_FIRST_MS;; pauseMs = Math.min(2 * pauseMs, RETRY_LAST_MS)) {
      try {
        await work();
        this.#movedMs = this.#services.clock.monotonicMs();
        return;
      } catch (error) {
        this.#failures.value++;
        if (error instanceof PermanentError) {
          this.#broken = true;
          this.#services.log.error("Events cannot be written any more", {
            place: this.#name,
            error: describeError(error),
          });
          return;
        }
        this.#services.log.warn("Events cannot be written; trying again", {
          place: this.#name,
          error: describeError(error),
        });
        await new Promise<void>((resolve) => void this.#services.clock.after(pauseMs, resolve));
      }
    }
  }
}
