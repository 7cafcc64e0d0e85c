import { kafkaErrorName, type KafkaPort } from "../../core/kafka_port.ts";
import { describeError } from "../../core/errors.ts";
import { backoffMs } from "./backoff.ts";
import type { ProducerServices, ProducerSettings } from "./producer_settings.ts";
import { remedyOf } from "./verdict.ts";

/** The producer id under which batches are idempotent; asked for until there is one. */
export class Identity {
  /** -1: none. */
  id = -1n;
  epoch = -1;
  readonly #port: KafkaPort;
  readonly #settings: ProducerSettings;
  readonly #services: ProducerServices;
  readonly #changed: () => void;
  #asking = false;
  #failures = 0;
  #retryAtMs = 0;

  constructor(port: KafkaPort, settings: ProducerSettings, services: ProducerServices, changed: () => void) {
    this.#port = port;
    this.#settings = settings;
    this.#services = services;
    this.#changed = changed;
  }

  /** The identity is worth nothing any more: the next batch needs another one. */
  forget(id: bigint): void {
    if (this.id === id) this.id = -1n;
  }

  /** Asks if there is none; returns when to call again, `Infinity` if an answer will call back. */
  ask(nowMs: number): number {
    if (this.id >= 0n || this.#asking) return Infinity;
    if (nowMs < this.#retryAtMs) return this.#retryAtMs;
    this.#asking = true;
    this.#port.producerId().then((answer) => {
      this.#asking = false;
      if (answer.code === 0) {
        this.id = answer.id;
        this.epoch = answer.epoch;
        this.#failures = 0;
      } else {
        this.#failed(kafkaErrorName(answer.code), remedyOf(answer.code, ""));
      }
      this.#changed();
    }, (error) => {
      this.#asking = false;
      this.#failed(describeError(error), "");
      this.#changed();
    });
    return Infinity;
  }

  #failed(error: string, remedy: string): void {
    const { clock, log, name, random } = this.#services;
    this.#failures++;
    const pause = backoffMs(this.#failures, this.#settings.retryFirstMs, 10_000, random);
    this.#retryAtMs = clock.monotonicMs() + pause;
    // Brokers that have just started load their coordinator first: that is no news.
    if (this.#failures === 3) {
      log.warn("Kafka gives no producer id, asked again", { client: name, error, remedy });
    }
  }
}
