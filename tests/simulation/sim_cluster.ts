import type { Clock } from "../../src/core/host.ts";
import type { Dice } from "./model.ts";
import { type Landed, SimLog } from "./sim_log.ts";
import { Weather } from "./sim_weather.ts";

/** Brokers of one cluster; the nodes have the numbers from 1 on. */
const NODES = 3;
const PARTITIONS_MAX = 4;

/** What one life of the agent sent: its records are looked at apart from those of other lives. */
export interface Receiver {
  landed(topic: string, partition: number, record: Landed): void;
}

/** The model broker: logs and leaders that outlive the agent, and the weather. All topics have the same leaders. */
export class SimCluster {
  readonly name: string;
  readonly weather = new Weather();
  readonly dice: Dice;
  readonly clock: Clock;
  /** A broker so old that it says so when it gets a batch twice. */
  readonly isOld: boolean;
  said: (line: string) => void = () => {};
  #leaders: number[];
  readonly #logs: Map<string, SimLog> = new Map();
  #nextId = 1000n;

  constructor(name: string, clock: Clock, dice: Dice) {
    this.name = name;
    this.clock = clock;
    this.dice = dice;
    this.isOld = dice.chance(0.3);
    this.#leaders = Array.from({ length: 1 + dice.below(2) }, () => 1 + dice.below(NODES));
  }

  /** Leader of each partition; -1: none at the moment. */
  get leaders(): readonly number[] {
    return this.#leaders;
  }

  newId(): bigint {
    return this.#nextId++;
  }

  /** What a broker does with one batch, sequences and all. */
  append(node: number, topic: string, partition: number, batch: Uint8Array, receiver: Receiver): number {
    if (partition >= this.#leaders.length) return 3;
    if (this.#leaders[partition] !== node) return 6;
    return this.log(topic, partition).append(
      batch,
      this.weather.batchBytesMax,
      this.isOld,
      (record) => receiver.landed(topic, partition, record),
    );
  }

  log(topic: string, partition: number): SimLog {
    const name = `${topic}/${partition}`;
    let log = this.#logs.get(name);
    if (log === undefined) this.#logs.set(name, log = new SimLog());
    return log;
  }

  /** Something happens to the cluster. */
  stir(): void {
    const { dice } = this;
    const roll = dice.below(10);
    if (roll < 7) this.said(`    ${this.name} is ${this.weather.change(dice)}`);
    else if (roll < 9) {
      const partition = dice.below(this.#leaders.length);
      this.#leaders[partition] = dice.chance(0.2) ? -1 : 1 + dice.below(NODES);
      this.said(`    ${this.name}: ${partition} is led by ${this.#leaders[partition]}`);
    } else if (this.#leaders.length < PARTITIONS_MAX && dice.chance(0.3)) {
      this.#leaders.push(1 + dice.below(NODES));
      this.said(`    ${this.name} has ${this.#leaders.length} partitions`);
    }
  }

  calm(): void {
    this.weather.calm();
    this.#leaders = this.#leaders.map((leader) => leader < 0 ? 1 : leader);
  }
}
