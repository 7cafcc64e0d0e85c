import type { BufferPool } from "./buffer_pool.ts";
import type { Counters } from "./counters.ts";
import type { Partition } from "./partition.ts";
import type { ProducerServices } from "./producer_settings.ts";
import type { SenderEvents } from "./sender.ts";
import { halveBatch, shrinkBatch } from "./split_batch.ts";
import type { WireBatch } from "./wire_batch.ts";

/** Batches that were too large for a topic make its batches smaller, down to this. */
const SEAL_BYTES_MIN = 16 * 1024;

/**
 * Puts batches right that a broker finds too large: halved, a single record cut, and what cannot be cut dropped. Runs
 * while nothing of the partition is in flight.
 */
export class Resizer {
  readonly #pool: BufferPool;
  readonly #counters: Counters;
  readonly #services: ProducerServices;
  readonly #events: SenderEvents;

  constructor(pool: BufferPool, counters: Counters, services: ProducerServices, events: SenderEvents) {
    this.#pool = pool;
    this.#counters = counters;
    this.#services = services;
    this.#events = events;
  }

  /** Replaces the batches marked `tooLarge` in the partition's queue. */
  resize(partition: Partition, nowMs: number): void {
    const queue: WireBatch[] = [];
    for (const batch of partition.queue) {
      if (batch.tooLarge) queue.push(...this.#replace(partition, batch, nowMs));
      else queue.push(batch);
    }
    partition.queue = queue;
  }

  #replace(partition: Partition, batch: WireBatch, nowMs: number): WireBatch[] {
    const before = batch.heldBytes;
    let parts: WireBatch[];
    if (batch.records > 1) {
      partition.topic.sealBytes = Math.max(SEAL_BYTES_MIN, partition.topic.sealBytes / 2);
      parts = halveBatch(batch, this.#pool, nowMs);
    } else {
      const shrunk = shrinkBatch(batch, this.#pool, nowMs, (bytes) => this.#truncated(partition, bytes));
      if (shrunk === null) {
        this.#drop(partition, batch);
        return [];
      }
      parts = [shrunk];
    }
    for (const part of parts) this.#events.held(partition, part.heldBytes);
    this.#events.held(partition, -before);
    return parts;
  }

  #truncated(partition: Partition, bytes: number): void {
    this.#counters.truncatedBytes.value += bytes;
    const fields = { client: this.#services.name, topic: partition.topic.name, bytes };
    this.#services.log.warn("Record is above the broker's limit and was truncated", fields);
  }

  #drop(partition: Partition, batch: WireBatch): void {
    this.#counters.dropped("too_large", batch.records);
    const fields = { client: this.#services.name, topic: partition.topic.name, bytes: batch.wireBytes };
    this.#services.log.error("Record is above the broker's limit and cannot be truncated: dropped", fields);
    // Its sequence will never come: those behind it need new ones.
    if (partition.rebase === "no") partition.rebase = "epoch";
    this.#events.held(partition, -batch.heldBytes);
    batch.finish(this.#pool);
    this.#events.settled(partition, batch);
  }
}
