import { definePlugin } from "../core/plugin.ts";
import { kafkaOptions } from "./kafka/kafka_options.ts";
import { makeKafkaFlusher } from "./kafka/kafka_flusher.ts";

/** Delivers to Apache Kafka 0.11 and newer (options of iLogtail's `flusher_kafka_v2`). */
export const flusherKafkaV2 = definePlugin({
  kind: "flusher",
  type: "flusher_kafka_v2",
  summary: "Writes records to Apache Kafka.",
  description:
    "A line counts as delivered when Kafka has acknowledged it; it is sent again until then, however long " +
    "that takes, and the place from which reading goes on after a restart moves only behind acknowledged lines. " +
    "Brokers that are down, also at the start, stop reading, nothing else. Pipelines that name the same brokers, the " +
    "same login and the same settings of sending (acknowledgements, sizes, pauses, retries) share one client.",
  schema: kafkaOptions,
  examples: [
    {
      title: "To one topic",
      config: "Type: flusher_kafka_v2\nBrokers:\n  - kafka:9092\nTopic: access-log\n",
    },
    {
      title: "A topic per namespace, with login and encryption",
      config: "Type: flusher_kafka_v2\nBrokers:\n  - kafka-0.kafka:9093\n  - kafka-1.kafka:9093\n" +
        "Topic: logs-%{tag.k8s.namespace.name}\nFallbackTopic: logs-unsorted\nAuthentication:\n  SASL:\n" +
        "    SaslMechanism: SCRAM-SHA-512\n    Username: agent\n    Password: ${KAFKA_PASSWORD:secret}\n  TLS:\n" +
        "    Enabled: true\n",
    },
  ],
  create: makeKafkaFlusher,
});
