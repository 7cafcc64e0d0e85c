/** Several Kafka brokers that know each other: the first is the controller, too. */
import { startKafka, type TestKafka } from "./kafka.ts";
import { createTopic, topicLeaders } from "./kafka_wire.ts";
import { waitFor } from "./process.ts";

/** Starts brokers one after another; the first one's start takes 3 s on two cores, the others' as long. */
export async function startKafkaCluster(count: number): Promise<TestKafkaCluster> {
  const first = await startKafka({ heap: "192m" });
  const brokers = [first];
  try {
    for (let node = 2; node <= count; node++) {
      brokers.push(await startKafka({ heap: "192m", joins: { node, controller: first.controllerPort } }));
    }
  } catch (error) {
    for (const broker of brokers) await broker.dispose();
    throw error;
  }
  return new TestKafkaCluster(brokers);
}

/** See {@linkcode startKafkaCluster}. */
export class TestKafkaCluster {
  constructor(readonly brokers: readonly TestKafka[]) {}

  /** A topic with so many copies of each partition; waits for its leaders. */
  async createTopic(topic: string, partitions: number, copies: number, config: Record<string, string> = {}) {
    await createTopic(this.brokers[0].bootstrap, topic, partitions, config, copies);
    await waitFor(`leaders of '${topic}'`, async () => {
      const leaders = await this.leaders(topic);
      return leaders.length === partitions && leaders.every((leader) => leader > 0);
    });
  }

  /** Node number of each partition's leader, -1 where there is none. */
  async leaders(topic: string): Promise<number[]> {
    return await topicLeaders(this.brokers[0].bootstrap, topic);
  }

  /** Ends all of them. */
  async dispose(): Promise<void> {
    for (const broker of this.brokers) await broker.dispose();
  }
}
