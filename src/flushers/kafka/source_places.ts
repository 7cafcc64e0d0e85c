import { FewMap } from "../../base/few_map.ts";
import type { Partition, Topic } from "./partition.ts";
import { fnv1a, type Partitioner } from "./partitioner.ts";
import type { WireBatch } from "./wire_batch.ts";

/** Where the records of one source go in one topic. Shared by all lanes of the source, so that order holds. */
export class SourcePlace {
  readonly #topic: Topic;
  readonly #partitioner: Partitioner;
  readonly #seed: number;
  #partition: Partition | null = null;
  #partitionsSeen = 0;
  /** The batch with the source's latest records. */
  last: WireBatch | null = null;

  constructor(topic: Topic, partitioner: Partitioner, seed: number) {
    this.#topic = topic;
    this.#partitioner = partitioner;
    this.#seed = seed;
  }

  /**
   * The partition; `null` until the topic is described. When partitions are added it changes only once nothing of the
   * source is unacknowledged.
   */
  partition(): Partition | null {
    const count = this.#topic.partitions.length;
    if (count === this.#partitionsSeen) return this.#partition;
    if (this.#partition !== null && this.busy) return this.#partition;
    this.#partition = this.#topic.partitions[this.#partitioner.place(this.#seed, count)];
    this.#partitionsSeen = count;
    return this.#partition;
  }

  /** Something of the source is unacknowledged. */
  get busy(): boolean {
    return this.last !== null && !this.last.done;
  }
}

/** Places of one source. */
export class Source {
  readonly seed: number;
  readonly #places: FewMap<Topic, SourcePlace> = new FewMap();
  /** Open lanes. */
  users = 0;

  constructor(key: string) {
    this.seed = fnv1a(new TextEncoder().encode(key)) >>> 0;
  }

  place(topic: Topic, partitioner: Partitioner): SourcePlace {
    let place = this.#places.get(topic);
    if (place === undefined) this.#places.set(topic, place = new SourcePlace(topic, partitioner, this.seed));
    return place;
  }

  /** No lane writes any more and everything is acknowledged. */
  get over(): boolean {
    if (this.users > 0) return false;
    for (const place of this.#places.values()) if (place.busy) return false;
    return true;
  }
}

/** Sources by key; forgets those that are over when others come. */
export class Sources {
  readonly #byKey: Map<string, Source> = new Map();
  #sweepAt = 64;

  open(key: string): Source {
    if (this.#byKey.size >= this.#sweepAt) this.#sweep();
    let source = this.#byKey.get(key);
    if (source === undefined) this.#byKey.set(key, source = new Source(key));
    source.users++;
    return source;
  }

  #sweep(): void {
    for (const [key, source] of this.#byKey) if (source.over) this.#byKey.delete(key);
    this.#sweepAt = Math.max(64, this.#byKey.size * 2);
  }
}
