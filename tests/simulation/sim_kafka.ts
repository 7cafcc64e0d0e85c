import { ByteBudget, HOLDER_BYTES_MIN } from "../../src/agent/budget.ts";
import type { Clock } from "../../src/core/host.ts";
import type { ProducerSettings } from "../../src/flushers/kafka/producer_settings.ts";
import { Dice } from "./model.ts";
import { type LifeParts, SimClient, type SimKafkaOutput, someSettings } from "./sim_client.ts";
import { SimCluster } from "./sim_cluster.ts";
import type { SimLane } from "./sim_lane.ts";

/** Two clusters with the agent's client to each, over all lives of the agent. */
export class SimKafka {
  readonly problems: string[] = [];
  readonly #clusters: readonly SimCluster[];
  readonly #settings: readonly ProducerSettings[];
  readonly #budgetBytes: number;
  readonly #isEarly: boolean;
  readonly #nowMs: () => number;
  #budget: ByteBudget | null = null;
  #clients: SimClient[] = [];

  /** `isEarly`: a planted fault, what is handed over counts as delivered. */
  constructor(seed: number, clock: Clock, isEarly: boolean) {
    const dice = new Dice(seed ^ 0x0ca5ca);
    this.#clusters = ["k0", "k1"].map((name) => new SimCluster(name, clock, dice));
    this.#settings = this.#clusters.map(() => someSettings(dice));
    this.#budgetBytes = dice.pick([1, 2, 4, 32]) * HOLDER_BYTES_MIN;
    this.#isEarly = isEarly;
    this.#nowMs = () => clock.monotonicMs();
  }

  /** Bytes that all clients may hold. */
  verbose(say: (line: string) => void): void {
    for (const cluster of this.#clusters) cluster.said = say;
    for (const settings of this.#settings) say(JSON.stringify(settings));
  }

  /** The agent starts. */
  start(parts: Omit<LifeParts, "budget">): void {
    const budget = this.#budget = new ByteBudget(this.#budgetBytes);
    const wrong = (text: string) => this.#wrong(text);
    this.#clients = this.#clusters.map((cluster, i) =>
      new SimClient(cluster, this.#settings[i], { ...parts, budget }, wrong, this.#isEarly)
    );
  }

  output(flusher: number, pipeline: string, lane: SimLane, path: string): SimKafkaOutput {
    return this.#clients[flusher].output(pipeline, lane, path, this.#nowMs);
  }

  /** Something happens to one of the clusters. */
  stir(dice: Dice): void {
    dice.pick(this.#clusters).stir();
  }

  /** The flushers stop: resolves when all is acknowledged, or after `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.drain(deadlineMs)));
  }

  /** The process ends; what is on the wire may arrive later. */
  crash(): void {
    for (const client of this.#clients) client.kill();
    this.#clients = [];
    this.#budget = null;
  }

  /** Everything works from now on. */
  calm(): void {
    for (const cluster of this.#clusters) cluster.calm();
  }

  /** Nothing is on the way. */
  get isIdle(): boolean {
    return this.#clients.every(({ used }) => used === 0);
  }

  /** What has to hold at any time. */
  check(): void {
    for (const client of this.#clients) {
      client.sweep();
      if (client.used < 0) this.#wrong(`a client holds ${client.used} bytes`);
      // Above the cap there may be one round of pushes; and copies of what is out.
      const over = client.used - 2 * client.outBytes - 1.5 * Math.max(this.#budgetBytes, HOLDER_BYTES_MIN);
      if (over > 4 * client.pushedBytesMax) {
        this.#wrong(`a client holds ${client.used} bytes, of which ${client.outBytes} are out`);
      }
    }
  }

  /** What has to hold when everything has come to rest. */
  checkEnd(): void {
    this.check();
    for (const { used, outBytes } of this.#clients) {
      if (used !== 0 || outBytes !== 0) this.#wrong(`${used} bytes are held at the end, ${outBytes} out`);
    }
  }

  #wrong(text: string): void {
    if (this.problems.length < 50) this.problems.push(`${this.#nowMs()} ${text}`);
  }
}
