import { readRecord } from "../../src/flushers/kafka/record_batch.ts";
import type { Receiver } from "./sim_cluster.ts";
import type { SimLane } from "./sim_lane.ts";
import type { Landed } from "./sim_log.ts";
import { type Answers, identityOf } from "./sim_port.ts";

/** One record that a lane handed over to the client. */
export interface Handed {
  readonly number: number;
  readonly order: Order;
  readonly index: number;
  readonly text: string;
  /** `null` for what is no record of the source. */
  readonly key: string | null;
  /** It is in the log. */
  isThere: boolean;
  /** Producer id and epoch of its latest copy. */
  by: string;
  /** A broker found it too large by itself: it may come shorter, or not at all. */
  isCut: boolean;
}

/** Answers after which a partition's sequences may begin anew. */
const REBASE_CODES = [10, 18, 45, 47, 49, 59, 90];

const decoder = new TextDecoder();

/**
 * Reads what one client brings into the logs in one life of the agent, record by record as it lands, and knows what was
 * handed over: nothing may be damaged, skipped or out of order, and nothing may come twice unless the sequences had to
 * begin anew.
 */
export class SimReader implements Receiver, Answers {
  readonly wrong: (text: string) => void;
  readonly settled: () => void;
  readonly #cluster: string;
  readonly #isIdempotent: boolean;
  readonly #handed: Handed[] = [];
  readonly #orders: Map<string, Order> = new Map();
  /** Per partition: identities that were seen, and whether another may come. */
  readonly #identities: Map<string, { seen: Set<string>; mayChange: boolean }> = new Map();

  constructor(cluster: string, isIdempotent: boolean, wrong: (text: string) => void, settled: () => void) {
    this.#cluster = cluster;
    this.#isIdempotent = isIdempotent;
    this.wrong = (text) => wrong(`${cluster} ${text}`);
    this.settled = settled;
  }

  /** What a lane hands over of one path. */
  order(lane: SimLane, path: string): Order {
    const name = `${lane.name} ${path}`;
    let order = this.#orders.get(name);
    if (order === undefined) this.#orders.set(name, order = new Order(this, lane, this.#handed));
    return order;
  }

  landed(topic: string, partition: number, record: Landed): void {
    const one = this.#handedOf(record.value);
    if (one === null) {
      return this.wrong(`${topic}/${partition}: '${decoder.decode(record.value)}' is no record`);
    }
    const by = `${record.producerId}/${record.epoch}`;
    this.#know(topic, partition, by);
    if (!one.order.lane.name.startsWith(`${topic}/`)) this.wrong(`${one.key} came into the topic ${topic}`);
    if (one.isThere) {
      if (this.#isIdempotent && one.by === by) {
        this.wrong(`${topic}/${partition}: ${one.key} came twice as ${by}`);
      }
      one.by = by;
      return;
    }
    one.isThere = true;
    one.by = by;
    one.order.arrived(one);
    if (one.key !== null) one.order.lane.delivered.add(one.key);
  }

  answered(topic: string, partition: number, code: number, batch: Uint8Array): void {
    const [id, epoch, , records] = identityOf(batch);
    this.#know(topic, partition, `${id}/${epoch}`);
    if (REBASE_CODES.includes(code)) this.#identities.get(`${topic}/${partition}`)!.mayChange = true;
    if ((code !== 10 && code !== 18) || records > 1) return;
    const { valueBegin, valueEnd } = readRecord(batch, 61);
    const one = this.#handedOf(batch.subarray(valueBegin, valueEnd));
    if (one !== null) one.isCut = true;
  }

  /** New sequences without a reason would bring records twice, or lose them as repeats. */
  #know(topic: string, partition: number, identity: string): void {
    const name = `${topic}/${partition}`;
    const known = this.#identities.get(name);
    if (known === undefined) {
      this.#identities.set(name, { seen: new Set([identity]), mayChange: false });
    } else if (!known.seen.has(identity)) {
      if (!known.mayChange) this.wrong(`${name}: begins anew as ${identity} without a reason`);
      known.seen.add(identity);
      known.mayChange = false;
    }
  }

  #handedOf(value: Uint8Array): Handed | null {
    const { contents } = JSON.parse(decoder.decode(value)) as { contents: { content: string; n: string } };
    const one = this.#handed[Number(contents.n)];
    if (one === undefined) return null;
    if (contents.content !== one.text && !one.isCut) this.wrong(`${this.#cluster}: ${one.key} is damaged`);
    return one;
  }
}

/** Records of one lane and path in the order in which they were handed over. */
export class Order {
  readonly reader: SimReader;
  readonly lane: SimLane;
  readonly #all: Handed[];
  readonly #own: Handed[] = [];
  /** Everything before this one has arrived. */
  #next = 0;

  constructor(reader: SimReader, lane: SimLane, all: Handed[]) {
    this.reader = reader;
    this.lane = lane;
    this.#all = all;
  }

  hand(text: string, key: string | null): Handed {
    const index = this.#own.length;
    const one = {
      number: this.#all.length,
      order: this,
      index,
      text,
      key,
      isThere: false,
      by: "",
      isCut: false,
    };
    this.#all.push(one);
    this.#own.push(one);
    return one;
  }

  /** A record came for the first time: all before it must have come. */
  arrived(one: Handed): void {
    while (this.#next < this.#own.length && (this.#own[this.#next].isThere || this.#own[this.#next].isCut)) {
      this.#next++;
    }
    if (one.index > this.#next) {
      const { key } = this.#own[this.#next];
      this.reader.wrong(`${this.lane.name}: ${one.key} came before ${key}`);
    }
  }
}
