import { definePlugin } from "../core/plugin.ts";
import { choice, flag, list, options, text } from "../core/schema.ts";
import { makeKafkaFlusher } from "./kafka/kafka_flusher.ts";
import type { KafkaOptions } from "./kafka/kafka_options.ts";
import { PARTITIONER_NAMES } from "./kafka/partitioner.ts";

const legacyOptions = options({
  Brokers: list("Addresses to begin with, `host:port`.", text("`host:port`."), {
    minItems: 1,
    examples: [["kafka:9092"]],
  }),
  Topic: text("Topic.", { minLength: 1, examples: ["access-log"] }),
  SASLUsername: text("User name for SASL/PLAIN; empty: no login.", { default: "" }),
  SASLPassword: text("Password for SASL/PLAIN.", { default: "", secret: true }),
  PartitionerType: choice("As in flusher_kafka_v2.", PARTITIONER_NAMES, { default: "source" }),
  HashKeys: list("With `hash`: fields whose values make the key.", text("A field's name."), { default: [] }),
  HashOnce: flag("With `hash`: the first key is used for all records.", { default: false }),
  ClientID: text("Name of this client in the brokers' logs and quotas.", { default: "LogtailPlugin" }),
});

/** What flusher_kafka_v2 has and the older plugin never had, at its defaults. */
const REST: Omit<KafkaOptions, keyof typeof legacyOptions.properties> = {
  Version: "1.0.0",
  Headers: [],
  Convert: { Protocol: "sls_json", Encoding: "json", TagFieldsRename: {}, ProtocolFieldsRename: {} },
  RequiredAcks: -1,
  Delivery: "at_least_once",
  ResumeTopic: "denotail-resume",
  MaxMessageBytes: 1_000_000,
  OversizeRecord: "split",
  RecordTimestamp: "sending",
  MaxOpenRequests: 5,
  BulkMaxSize: 2048,
  BulkFlushFrequency: 0,
  ChanBufferSize: 256,
  Timeout: 30_000,
  BrokerTimeout: 10_000,
  KeepAlive: 0,
  MaxRetries: 3,
  Backoff: { Init: 100, Max: 60_000 },
  Metadata: { Retry: { Max: 3, Backoff: 250 }, RefreshFrequency: 600_000, Full: false },
  Compression: "auto",
  Authentication: {
    PlainText: { Username: "", Password: "" },
    SASL: { Username: "", Password: "" },
    TLS: {
      Enabled: false,
      CAFile: "",
      CertFile: "",
      KeyFile: "",
      InsecureSkipVerify: false,
      MinVersion: "1.2",
    },
    Kerberos: {},
  },
};

/** The older plugin of iLogtail, with its own option names; the same flusher as `flusher_kafka_v2`. */
export const flusherKafka = definePlugin({
  kind: "flusher",
  type: "flusher_kafka",
  aliasOf: "flusher_kafka_v2",
  summary: "Writes records to Apache Kafka (older option names).",
  schema: legacyOptions,
  examples: [{
    title: "To one topic",
    config: "Type: flusher_kafka\nBrokers:\n  - kafka:9092\nTopic: access-log\n",
  }],
  create(old, context, report) {
    const { SASLUsername, SASLPassword, ...same } = old;
    const plain = { Username: SASLPassword === "" ? "" : SASLUsername, Password: SASLPassword };
    if ((SASLUsername === "") !== (SASLPassword === "")) {
      const path = [SASLUsername === "" ? "SASLUsername" : "SASLPassword"];
      report.error(path, "KAFKA_LOGIN_INCOMPLETE", `the login has no '${path[0]}'`);
    }
    const options: KafkaOptions = {
      ...REST,
      ...same,
      HashKeys: old.HashKeys.map((key) => `content.${key}`),
      Authentication: { ...REST.Authentication, PlainText: plain },
    };
    return makeKafkaFlusher(options, context, report);
  },
});
