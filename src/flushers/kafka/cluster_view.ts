import { describeError } from "../../core/errors.ts";
import { type ClusterInfo, kafkaErrorName, type KafkaPort } from "../../core/kafka_port.ts";
import { backoffMs } from "./backoff.ts";
import { Partition, Topic } from "./partition.ts";
import type { ProducerServices, ProducerSettings } from "./producer_settings.ts";
import { remedyOf } from "./verdict.ts";

/** A parked topic is looked at again at least this often. */
const TOPIC_RETRY_MAX_MS = 30_000;

/** A topic that a log field named and nobody has used for this long is forgotten. */
const TOPIC_IDLE_MS = 600_000;

/** What the cluster says about topics and leaders, kept fresh: the only place that asks for metadata. */
export class ClusterView {
  readonly topics: Map<string, Topic> = new Map();
  /** Topics that nobody has asked about yet. */
  readonly #unasked: Set<string> = new Set();
  readonly #port: KafkaPort;
  readonly #settings: ProducerSettings;
  readonly #services: ProducerServices;
  readonly #changed: () => void;
  readonly #forgot: () => void;
  #asking = false;
  #failures = 0;
  #warned = false;
  #notBeforeMs = 0;
  #wantedAtMs = Infinity;

  /** `changed` is called after every answer and every failure, `forgot` when topics are not kept any more. */
  constructor(
    port: KafkaPort,
    settings: ProducerSettings,
    services: ProducerServices,
    changed: () => void,
    forgot: () => void,
  ) {
    this.#port = port;
    this.#settings = settings;
    this.#services = services;
    this.#changed = changed;
    this.#forgot = forgot;
  }

  /** The topic's state, made on first use. */
  topic(name: string, nowMs: number): Topic {
    let topic = this.topics.get(name);
    if (topic === undefined) {
      topic = new Topic(name, this.#settings.sealBytes);
      this.topics.set(name, topic);
      this.#unasked.add(name);
    }
    topic.lastUsedMs = nowMs;
    return topic;
  }

  /** Something does not fit any more: ask at this time, or as soon after as pauses allow. */
  want(atMs: number): void {
    if (atMs < this.#wantedAtMs) this.#wantedAtMs = atMs;
  }

  /** Nothing for this topic goes through: it waits alone, is named once, and is tried again for ever. */
  park(topic: Topic, code: number, nowMs: number): void {
    topic.code = code;
    topic.failures++;
    topic.retryAtMs = nowMs + backoffMs(topic.failures, 100, TOPIC_RETRY_MAX_MS, this.#services.random);
    this.want(topic.retryAtMs);
    // A topic that the broker is just making is "unknown" for a moment.
    const settling = (code === 3 || code === 5) && topic.failures < 5;
    if (topic.named || settling) return;
    topic.named = true;
    const remedy = remedyOf(code, topic.name);
    const fields = { client: this.#services.name, topic: topic.name, error: kafkaErrorName(code), remedy };
    this.#services.log.warn("Kafka topic takes no records, its lines wait", fields);
  }

  /** Asks if it is time; returns when to call again, `Infinity` if an answer will call back. */
  ask(nowMs: number): number {
    if (this.#asking || this.topics.size === 0) return Infinity;
    const dueMs = Math.max(this.#wantedAtMs, this.#notBeforeMs);
    const isDue = nowMs >= dueMs;
    // What is new is asked for at once: lanes on one file should begin together, not a pause after each other.
    if (!isDue && (this.#unasked.size === 0 || this.#failures > 0)) return dueMs;
    this.#asking = true;
    if (isDue) {
      this.#wantedAtMs = Infinity;
      this.#forgetIdle(nowMs);
    }
    const names = [...(isDue ? this.topics.keys() : this.#unasked)];
    this.#unasked.clear();
    this.#port.metadata(names).then((info) => {
      this.#asking = false;
      this.#failures = 0;
      this.#reachedAgain();
      this.#apply(info);
      this.#changed();
    }, (error) => {
      this.#asking = false;
      this.#failed(error);
      this.#changed();
    });
    return Infinity;
  }

  #reachedAgain(): void {
    if (!this.#warned) return;
    this.#warned = false;
    this.#services.log.info("Kafka cluster is reached again", { client: this.#services.name });
  }

  #failed(error: unknown): void {
    const { clock, log, name, random } = this.#services;
    this.#failures++;
    const pause = backoffMs(this.#failures, this.#settings.metadataRetryMs, 10_000, random);
    this.#notBeforeMs = clock.monotonicMs() + pause;
    this.want(this.#notBeforeMs);
    if (this.#warned) return;
    this.#warned = true;
    log.warn("Kafka cluster cannot be reached, lines wait", { client: name, error: describeError(error) });
  }

  #apply(info: ClusterInfo): void {
    const now = this.#services.clock.monotonicMs();
    this.#notBeforeMs = now + this.#settings.metadataRetryMs / 2;
    this.want(now + this.#settings.metadataRefreshMs);
    for (const described of info.topics) {
      const topic = this.topics.get(described.topic);
      if (topic === undefined) continue;
      if (described.code !== 0 || described.partitions.length === 0) {
        this.park(topic, described.code || 5, now);
        continue;
      }
      this.#recovered(topic, now);
      // Partitions may come in any order; some may be missing in an answer given during a change.
      for (const { partition } of described.partitions) {
        for (let id = topic.partitions.length; id <= partition; id++) {
          topic.partitions.push(new Partition(topic, id));
        }
      }
      for (const { partition, leader } of described.partitions) {
        topic.partitions[partition].leader = leader;
        if (leader < 0 && !topic.partitions[partition].idle) this.want(now + this.#settings.metadataRetryMs);
      }
    }
  }

  #recovered(topic: Topic, nowMs: number): void {
    // A refusal to write (not a missing description) is over only when a batch gets through.
    if (topic.code !== 0 && nowMs < topic.retryAtMs) {
      // Others made it be asked for before its time: this answer has used up the wish to ask.
      this.want(topic.retryAtMs);
      return;
    }
    topic.code = 0;
  }

  /** A batch of this topic was written. */
  wrote(topic: Topic): void {
    topic.failures = 0;
    if (!topic.named) return;
    topic.named = false;
    this.#services.log.info("Kafka topic takes records again", {
      client: this.#services.name,
      topic: topic.name,
    });
  }

  #forgetIdle(nowMs: number): void {
    for (const topic of this.topics.values()) {
      const unused = topic.users === 0 && nowMs - topic.lastUsedMs > TOPIC_IDLE_MS;
      if (!unused || !topic.idle) continue;
      topic.forgotten = true;
      this.#forgot();
      this.topics.delete(topic.name);
    }
  }
}
