import type { LaneKey, SavedLane } from "../../core/checkpoint.ts";
import type { Codec, Codecs } from "../../core/codec.ts";
import { FieldLookup } from "../../core/envelope/field_lookup.ts";
import { makeEnvelope } from "../../core/envelope/make_envelope.ts";
import { describeError } from "../../core/errors.ts";
import type { KafkaHost, KafkaSettings } from "../../core/kafka_port.ts";
import type { Sink, SourceInfo } from "../../core/lane.ts";
import type { Flusher, FlusherContext, Probed, Report } from "../../core/plugin.ts";
import { connectionSettings, producerSettings } from "./client_settings.ts";
import type { KafkaOptions } from "./kafka_options.ts";
import { KafkaSink, type SinkState } from "./kafka_sink.ts";
import { makePartitioner } from "./partitioner.ts";
import { probeCluster } from "./probe_cluster.ts";
import { checkDelivery, transactionSetup } from "./exactly_once.ts";
import { Producer } from "./producer.ts";
import type { ProducerSettings } from "./producer_settings.ts";
import { encodeHeaders } from "./record_builder.ts";
import type { SinkPlan } from "./sink_plan.ts";
import { Sources } from "./source_places.ts";
import { type FieldRef, isTopicName, parseFieldRef, TopicTemplate } from "./topic_template.ts";

/** A client in use by one or more flushers; made with the first lane, closed with the last flusher. */
interface SharedClient {
  producer: Producer | null;
  sources: Sources;
  users: number;
}

/** Checks the options, makes codecs ready and returns the flusher. Connects to nothing before the first lane. */
export async function makeKafkaFlusher(
  options: KafkaOptions,
  context: FlusherContext,
  report: Report,
): Promise<Flusher> {
  const host = context.host.kafka as KafkaHost;
  const connection = connectionSettings(options, host, report);
  const plan = await sinkPlan(options, context, report);
  warnOfLaxity(options, report);
  const settings = producerSettings(options);
  if (options.Delivery !== "exactly_once") return new KafkaFlusher(context, host, connection, settings, plan);
  checkDelivery(options, context.keeping, report);
  return new ExactlyOnceFlusher(context, host, connection, settings, plan, options.ResumeTopic);
}

class KafkaFlusher implements Flusher {
  readonly #context: FlusherContext;
  readonly #host: KafkaHost;
  readonly #connection: KafkaSettings;
  readonly #settings: ProducerSettings;
  readonly #plan: SinkPlan;
  /** Topic of resume points; `null`: they are not kept in Kafka. */
  readonly #resumeTopic: string | null;
  readonly #state: SinkState = { counter: -1, key: null, codec: undefined };
  #client: SharedClient | null = null;
  #leave: () => void = () => {};

  constructor(
    context: FlusherContext,
    host: KafkaHost,
    connection: KafkaSettings,
    settings: ProducerSettings,
    plan: SinkPlan,
    resumeTopic: string | null = null,
  ) {
    this.#resumeTopic = resumeTopic;
    this.#context = context;
    this.#host = host;
    this.#connection = connection;
    this.#settings = settings;
    this.#plan = plan;
  }

  open(source: SourceInfo): Sink {
    const client = this.join();
    return new KafkaSink(this.#plan, this.#state, client.producer!, client.sources.open(source.key));
  }

  async stop(deadlineMs: number): Promise<void> {
    const client = this.#client;
    if (client === null) return;
    this.#client = null;
    await client.producer!.drain(deadlineMs);
    this.#leave();
    if (--client.users > 0) return;
    client.producer!.close();
    client.producer = null;
  }

  probe(limitMs: number): Promise<readonly Probed[]> {
    const { topic, fallbackTopic } = this.#plan;
    const topics = [topic.fixed, fallbackTopic, this.#resumeTopic].filter((name) => name !== null);
    // Many pipelines send to one cluster: it is asked once.
    const key = `kafka probe ${clientKey(this.#connection, topics)}`;
    return this.#context.shared(key, () => probeCluster(this.#host, this.#connection, topics, limitMs));
  }

  protected get resumeTopic(): string | null {
    return this.#resumeTopic;
  }

  protected get client(): SharedClient | null {
    return this.#client;
  }

  protected join(): SharedClient {
    return this.#client ??= this.#join();
  }

  #join(): SharedClient {
    const { shared, pipeline, id } = this.#context;
    // Transactions are not shared: their id is the flusher's, whatever its settings are.
    const owner = this.#resumeTopic === null ? "" : ` ${pipeline} ${id}`;
    const key = `kafka ${clientKey(this.#connection, this.#settings)}${owner}`;
    const client = shared<SharedClient>(key, () => ({ producer: null, sources: new Sources(), users: 0 }));
    if (client.producer === null) {
      client.sources = new Sources();
      client.producer = this.#connect(key);
    }
    client.users++;
    this.#leave = client.producer.onRoom(this.#context.wake);
    return client;
  }

  #connect(key: string): Producer {
    const { budget, clock, log, metrics, random, shared } = this.#context;
    const names = shared("kafka client names", () => new Map<string, string>());
    const brokers = this.#connection.brokers.join(",");
    let name = names.get(key);
    if (name === undefined) {
      const namesakes = [...names.values()].filter((other) => other.startsWith(brokers)).length;
      names.set(key, name = namesakes === 0 ? brokers : `${brokers}#${namesakes + 1}`);
    }
    const port = this.#host.open(this.#connection);
    const [bootstrap] = this.#connection.brokers;
    const topic = this.#resumeTopic;
    return new Producer(port, this.#settings, {
      name,
      clock,
      log,
      metrics,
      random,
      budget: budget.holder(`kafka ${name}`),
    }, topic === null ? null : transactionSetup(topic, bootstrap, port, this.#context));
  }
}

/** With a client and transactions of its own, and resume points that come from Kafka. */
class ExactlyOnceFlusher extends KafkaFlusher {
  get preparesFrom(): string {
    return `the resume points of topic '${this.resumeTopic}'`;
  }

  prepare(): Promise<readonly SavedLane[]> {
    return this.join().producer!.transactions!.prepared;
  }

  forget(key: LaneKey): void {
    this.client?.producer?.transactions?.forget(key);
  }
}

/** The same for one cluster in whatever order its brokers are named. It holds the login, and stays in this process. */
function clientKey(connection: KafkaSettings, more: unknown): string {
  return JSON.stringify([{ ...connection, brokers: [...new Set(connection.brokers)].sort() }, more]);
}

async function sinkPlan(options: KafkaOptions, context: FlusherContext, report: Report): Promise<SinkPlan> {
  const topic = TopicTemplate.parse(options.Topic);
  if (!(topic instanceof TopicTemplate)) {
    report.error(["Topic"], "KAFKA_TOPIC", topic.message, topic.expected);
  }
  const fallback = options.FallbackTopic;
  if (fallback !== undefined && !isTopicName(fallback)) {
    report.error(
      ["FallbackTopic"],
      "KAFKA_TOPIC",
      `'${fallback}' is not a name that Kafka takes for a topic`,
    );
  }
  if (fallback !== undefined && topic instanceof TopicTemplate && topic.fixed !== null) {
    report.warn(
      ["FallbackTopic"],
      "KAFKA_FALLBACK_UNUSED",
      "'FallbackTopic' counts only where 'Topic' has fields",
    );
  }
  checkRenames(options, report);
  return {
    topic: topic instanceof TopicTemplate ? topic : TopicTemplate.parse("unusable") as TopicTemplate,
    fallbackTopic: fallback ?? null,
    style: {
      envelope: makeEnvelope({
        protocol: options.Convert.Protocol,
        tagFieldsRename: options.Convert.TagFieldsRename as Record<string, string>,
        protocolFieldsRename: options.Convert.ProtocolFieldsRename as Record<string, string>,
        keys: context.keys,
      }),
      headers: encodeHeaders(
        options.Headers.filter(({ Key }) => Key !== "").map(({ Key, Value }) => ({ key: Key, value: Value })),
      ),
      eventTime: options.RecordTimestamp === "event",
      valueBytesMax: options.MaxMessageBytes,
    },
    codecs: await loadCodecs(options, context.host.codecs as Codecs, report),
    partitioner: makePartitioner(options.PartitionerType, context.node),
    hashKeys: hashKeys(options, report),
    hashOnce: options.HashOnce,
    lookup: new FieldLookup(context.keys, options.Convert.TagFieldsRename as Record<string, string>),
    oversize: options.OversizeRecord,
    splitKey: context.keys.permanent("_split_"),
  };
}

/** What of the envelope can be renamed. */
const PROTOCOL_FIELDS = ["contents", "tags", "time"];

function checkRenames(options: KafkaOptions, report: Report): void {
  for (const name of Object.keys(options.Convert.ProtocolFieldsRename)) {
    if (PROTOCOL_FIELDS.includes(name)) continue;
    report.error(
      ["Convert", "ProtocolFieldsRename", name],
      "KAFKA_RENAME",
      `'${name}' is no field of the envelope`,
      "'contents', 'tags' or 'time'",
    );
  }
}

function hashKeys(options: KafkaOptions, report: Report): FieldRef[] {
  const refs: FieldRef[] = [];
  options.HashKeys.forEach((text, i) => {
    const ref = parseFieldRef(text);
    if (ref !== null) refs.push(ref);
    else {
      report.error(
        ["HashKeys", i],
        "KAFKA_HASH_KEY",
        `'${text}' names no field`,
        "'content.<field>' or 'tag.<tag>'",
      );
    }
  });
  const isHash = options.PartitionerType === "hash";
  if (isHash && options.HashKeys.length === 0) {
    report.warn(["HashKeys"], "KAFKA_HASH_KEYS_EMPTY", "without 'HashKeys' all records go to one partition");
  } else if (!isHash && options.HashKeys.length > 0) {
    report.warn(["HashKeys"], "KAFKA_HASH_KEYS_UNUSED", "'HashKeys' count only with 'PartitionerType: hash'");
  }
  return refs;
}

async function loadCodecs(options: KafkaOptions, codecs: Codecs, report: Report): Promise<Codec[]> {
  const wanted = options.Compression;
  if (wanted === "none") return [];
  const level = options.CompressionLevel;
  const levelless = wanted === "snappy" || wanted === "lz4";
  if (level !== undefined && levelless) {
    report.warn(["CompressionLevel"], "KAFKA_LEVEL_UNUSED", `'${wanted}' has no levels`);
  }
  const loaded: Codec[] = [];
  try {
    for (const name of wanted === "auto" ? ["zstd", "gzip"] as const : [wanted]) {
      const codec = await codecs.load(
        name,
        levelless || (wanted === "auto" && name === "gzip") ? undefined : level,
      );
      if (codec !== null) loaded.push(codec);
    }
  } catch (error) {
    report.error(["CompressionLevel"], "KAFKA_LEVEL", describeError(error));
    return loaded;
  }
  if (loaded.length === 0 && wanted !== "auto") {
    report.error(
      ["Compression"],
      "KAFKA_CODEC_MISSING",
      `this runtime has no '${wanted}'`,
      "'auto', 'gzip' or a newer runtime",
    );
  }
  return loaded;
}

function warnOfLaxity(options: KafkaOptions, report: Report): void {
  if (options.RequiredAcks !== -1) {
    report.warn(
      ["RequiredAcks"],
      "KAFKA_NOT_IDEMPOTENT",
      options.RequiredAcks === 0
        ? "nobody acknowledges: lines are lost whenever a broker or a connection fails"
        : "only the leader acknowledges, and writing is not idempotent: a failing broker may lose or repeat lines",
    );
  }
  if (options.PartitionerType !== "source") {
    report.warn(
      ["PartitionerType"],
      "KAFKA_ORDER",
      `'${options.PartitionerType}' does not keep the order of lines; 'source' does`,
    );
  }
}
