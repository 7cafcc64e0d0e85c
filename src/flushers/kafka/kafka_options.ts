import { ENVELOPE_PROTOCOLS } from "../../core/envelope/make_envelope.ts";
import { CODEC_NAMES } from "../../core/codec.ts";
import {
  choice,
  durationMs,
  flag,
  integer,
  list,
  mapOf,
  optional,
  options,
  section,
  type Static,
  text,
} from "../../core/schema.ts";
import { PARTITIONER_NAMES } from "./partitioner.ts";
import { OVERSIZE_POLICIES } from "./sink_plan.ts";

/** Names of `Compression`. */
export const COMPRESSIONS = ["auto", ...CODEC_NAMES] as const;

const convert = section("What one Kafka message contains.", {
  Protocol: choice(
    '`sls_json`: `{"Time":…,"Contents":[{"Key":…,"Value":…}]}`. `custom_single`: ' +
      '`{"contents":{…},"tags":{…},"time":…}`. `custom_single_flatten`: one flat object.',
    ENVELOPE_PROTOCOLS,
    { default: "sls_json" },
  ),
  Encoding: choice("Only JSON.", ["json"] as const, { default: "json" }),
  TagFieldsRename: mapOf("Tag name to new name; an empty new name removes the tag.", text("New name."), {
    default: {},
    examples: [{ "k8s.pod.name": "pod" }],
  }),
  ProtocolFieldsRename: mapOf("New names of `contents`, `tags` and `time`.", text("New name."), {
    default: {},
    examples: [{ time: "@timestamp" }],
  }),
});

const tlsVersion = ["1.0", "1.1", "1.2", "1.3"] as const;

const authentication = section("How to log in.", {
  PlainText: section("SASL/PLAIN; the same as `SASL` with the mechanism `PLAIN`.", {
    Username: text("User name; empty switches it off.", { default: "" }),
    Password: text("Password.", { default: "", secret: true, examples: ["${KAFKA_PASSWORD}"] }),
  }),
  SASL: section("SASL login.", {
    SaslMechanism: optional(
      choice("Mechanism.", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const, {
        examples: ["SCRAM-SHA-512"],
      }),
    ),
    Username: text("User name; empty switches it off.", { default: "" }),
    Password: text("Password.", { default: "", secret: true, examples: ["${file:/run/secrets/kafka}"] }),
  }),
  TLS: section("Encryption. Certificate files are read again for each new connection.", {
    Enabled: flag("Encrypts connections.", { default: false }),
    CAFile: text("PEM file of the authorities to trust; empty: those of the system.", { default: "" }),
    CertFile: text("PEM file of the client's certificate (mTLS).", { default: "" }),
    KeyFile: text("PEM file of the client's key (mTLS).", { default: "" }),
    InsecureSkipVerify: flag("Takes any certificate. For tests only.", { default: false }),
    MinVersion: choice("Oldest TLS version.", tlsVersion, { default: "1.2" }),
    MaxVersion: optional(choice("Newest TLS version.", tlsVersion)),
  }),
  Kerberos: mapOf(
    "Not supported; any option in here is an error.",
    text("Not supported.", { secret: true }),
    {
      default: {},
    },
  ),
});

const metadata = section("How knowledge of the cluster is kept fresh.", {
  Retry: section("After a failure.", {
    Max: integer("Tries.", { default: 3, noEffect: "metadata is asked for until there is an answer" }),
    Backoff: durationMs("First pause; doubles up to 10 s.", { default: 250, minimum: 1 }),
  }),
  RefreshFrequency: durationMs("Time between two refreshes.", { default: 600_000, minimum: 1000 }),
  Full: flag("All topics or only those in use.", {
    default: false,
    noEffect: "only the topics in use are ever asked for",
  }),
});

/** Options of `flusher_kafka_v2`. */
export const kafkaOptions = options({
  Brokers: list(
    "Addresses to begin with, `host:port`. The others come from the cluster.",
    text("`host:port`."),
    {
      minItems: 1,
      examples: [["kafka-0.kafka:9092", "kafka-1.kafka:9092"]],
    },
  ),
  Topic: text("Topic, with `%{content.<field>}` and `%{tag.<tag>}` if it depends on the record.", {
    minLength: 1,
    examples: ["access-log", "app-%{tag.k8s.namespace.name}"],
  }),
  FallbackTopic: optional(text(
    "Topic of records whose `Topic` cannot be told, because a field is missing or makes no topic name. Absent: the " +
      "names of the fields stand in for their values, as in iLogtail, with a warning.",
    { examples: ["unsorted"] },
  )),
  Version: text("Version of the brokers. Checked; what the brokers speak is found out by asking them.", {
    default: "1.0.0",
    examples: ["3.6.0"],
  }),
  ClientID: text("Name of this client in the brokers' logs and quotas.", { default: "LogtailPlugin" }),
  PartitionerType: choice(
    "`source`: all lines of one container stream or file go to one partition, in order. `random`, `roundrobin`: each " +
      "record elsewhere. `hash`: by `HashKeys`, as iLogtail does it. Order is promised for `source` only.",
    PARTITIONER_NAMES,
    { default: "source" },
  ),
  HashKeys: list(
    "With `hash`: fields whose values make the key, in this order.",
    text("`content.<field>` or `tag.<tag>`."),
    {
      default: [],
      examples: [["content.user_id", "tag.k8s.pod.name"]],
    },
  ),
  HashOnce: flag("With `hash`: the first key is used for all records.", { default: false }),
  Headers: list(
    "Headers of every message.",
    options({ Key: text("Name; an empty one is skipped."), Value: text("Value.", { default: "" }) }),
    { default: [], examples: [[{ Key: "cluster", Value: "blue" }]] },
  ),
  Convert: convert,
  RequiredAcks: integer(
    "-1: all in-sync replicas, idempotent. 1: the leader only; 0: nobody; both may lose or repeat lines.",
    { default: -1, minimum: -1, maximum: 1 },
  ),
  Delivery: choice(
    "`exactly_once`: in transactions, with the places from which reading goes on in the same ones; a `read_committed` " +
      "consumer sees each line once, whatever is killed. See docs/exactly_once.md.",
    ["at_least_once", "exactly_once"] as const,
    { default: "at_least_once" },
  ),
  ResumeTopic: text("With `exactly_once`: compacted topic of the places from which reading goes on.", {
    default: "denotail-resume",
    minLength: 1,
  }),
  MaxMessageBytes: integer("Longest message value; see `OversizeRecord`.", {
    default: 1_000_000,
    minimum: 1000,
    maximum: 100_000_000,
  }),
  OversizeRecord: choice(
    "What becomes of a longer one. `split`: its longest value is sent in pieces with `_split_` = 1, 2, … and the last " +
      "`n/n`. `truncate`: it is cut, with a marker. `drop`: it is counted and dropped.",
    OVERSIZE_POLICIES,
    { default: "split" },
  ),
  RecordTimestamp: choice(
    "Timestamp of messages: the moment of `sending`, or that of the `event`. A broker deletes by this time.",
    ["sending", "event"] as const,
    { default: "sending" },
  ),
  MaxOpenRequests: integer("Requests in flight per broker.", { default: 5, minimum: 1, maximum: 5 }),
  BulkMaxSize: integer("Most records in one batch.", { default: 2048, minimum: 1, maximum: 100_000 }),
  BulkFlushFrequency: durationMs("How long a batch waits for more. 0: until the lines at hand are read.", {
    default: 0,
    minimum: 0,
    examples: [100],
  }),
  ChanBufferSize: integer("Length of a queue in the original.", {
    default: 256,
    noEffect: "memory is bounded for the whole agent",
  }),
  Timeout: durationMs("Limit for connecting and for answers to small requests.", {
    default: 30_000,
    minimum: 100,
  }),
  BrokerTimeout: durationMs("How long brokers may wait for their replicas.", {
    default: 10_000,
    minimum: 100,
  }),
  KeepAlive: durationMs("Idle time after which a connection is probed. 0: one minute.", {
    default: 0,
    minimum: 0,
  }),
  MaxRetries: integer("Retries before a warning. Records are sent again until they are acknowledged.", {
    default: 3,
  }),
  Backoff: section("Pauses between retries.", {
    Init: durationMs("First pause; each further one doubles.", { default: 100, minimum: 1 }),
    Max: durationMs("Longest pause.", { default: 60_000, minimum: 1 }),
  }),
  Metadata: metadata,
  Compression: choice(
    "`auto`: zstd where runtime and brokers have it, else gzip.",
    COMPRESSIONS,
    { default: "auto" },
  ),
  CompressionLevel: optional(
    integer("gzip 0 to 9, zstd -7 to 22. Absent: gzip 1, zstd -5.", { examples: [3] }),
  ),
  Authentication: authentication,
});

/** Checked options of `flusher_kafka_v2`. */
export type KafkaOptions = Static<typeof kafkaOptions>;
