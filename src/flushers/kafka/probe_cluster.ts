import { plainRemedy } from "../../core/error_codes.ts";
import { AgentError, describeError } from "../../core/errors.ts";
import {
  type ClusterInfo,
  kafkaErrorName,
  type KafkaHost,
  type KafkaSettings,
} from "../../core/kafka_port.ts";
import type { Probed } from "../../core/plugin.ts";

const UNKNOWN_TOPIC = 3;

/** What one broker answered, and its part of the list. */
interface Answer {
  readonly probed: Probed;
  readonly info: ClusterInfo | null;
}

/**
 * Dials each configured broker by itself, all at once, and asks one that answers about the topics. Makes nothing, not
 * even a topic in a cluster that does so when asked.
 */
export async function probeCluster(
  host: KafkaHost,
  settings: KafkaSettings,
  topics: readonly string[],
  limitMs: number,
): Promise<readonly Probed[]> {
  const connectTimeoutMs = Math.min(settings.connectTimeoutMs, limitMs);
  const answers = await Promise.all(
    settings.brokers.map((broker) =>
      probeBroker(host, { ...settings, brokers: [broker], connectTimeoutMs }, broker, topics)
    ),
  );
  const info = answers.find((answer) => answer.info !== null)?.info;
  return [
    ...answers.map(({ probed }) => probed),
    ...(info?.topics ?? []).map(({ topic, code, partitions }) => probedTopic(topic, code, partitions.length)),
  ];
}

async function probeBroker(
  host: KafkaHost,
  settings: KafkaSettings,
  broker: string,
  topics: readonly string[],
): Promise<Answer> {
  const name = `broker '${broker}'`;
  const port = host.open(settings);
  try {
    const info = await port.metadata(topics, false);
    const version = port.capabilities?.produceVersion;
    const speaks = version === undefined ? "" : `, takes records in version ${version}`;
    return { probed: { name, state: "ok", found: `answers${speaks}`, remedy: "" }, info };
  } catch (error) {
    const remedy = error instanceof AgentError ? plainRemedy(error.code) : "";
    // Said once: the error names the broker, too.
    const reason = describeError(error).replace(`Kafka broker '${broker}': `, "");
    return { probed: { name, state: "wrong", found: `cannot be used: ${reason}`, remedy }, info: null };
  } finally {
    port.close();
  }
}

function probedTopic(topic: string, code: number, partitions: number): Probed {
  const name = `topic '${topic}'`;
  if (code === 0) {
    const count = partitions === 1 ? "1 partition" : `${partitions} partitions`;
    return { name, state: "ok", found: `has ${count}`, remedy: "" };
  }
  if (code === UNKNOWN_TOPIC) {
    // A cluster that makes topics by itself makes it with the first record.
    return { name, state: "warning", found: "is not there", remedy: `Create the topic '${topic}'` };
  }
  return {
    name,
    state: "wrong",
    found: `cannot be used (${kafkaErrorName(code)})`,
    remedy: `Allow this login to describe and write the topic '${topic}'`,
  };
}
