import assert from "node:assert/strict";
import { PermanentError } from "../../../src/core/errors.ts";
import type { KafkaHost, KafkaSettings } from "../../../src/core/kafka_port.ts";
import { probeCluster } from "../../../src/flushers/kafka/probe_cluster.ts";
import { FakeKafka } from "../../support/fake_kafka.ts";

const SETTINGS: KafkaSettings = {
  brokers: ["a:1", "b:2"],
  clientId: "test",
  connectTimeoutMs: 30_000,
  keepAliveMs: 0,
};

/** A host with one fake cluster behind each broker's address. */
function hostOf(clusters: Readonly<Record<string, FakeKafka>>): KafkaHost & { asked: KafkaSettings[] } {
  const asked: KafkaSettings[] = [];
  return {
    asked,
    open: (settings) => (asked.push(settings), clusters[settings.brokers[0]]),
    checkPem: () => null,
  };
}

Deno.test("probeCluster dials each broker by itself and asks one about the topics, making none", async () => {
  const [a, b] = [new FakeKafka(), new FakeKafka()];
  a.reachable = false;
  b.topics.set("there", [1, 1]);
  b.topicCodes.set("secret", 29);
  const host = hostOf({ "a:1": a, "b:2": b });
  assert.deepEqual(await probeCluster(host, SETTINGS, ["there", "missing", "secret"], 5_000), [
    {
      name: "broker 'a:1'",
      state: "wrong",
      found: "cannot be used: No broker answers",
      remedy: "Check address and port, network policies, and whether the listener wants TLS or a login.",
    },
    { name: "broker 'b:2'", state: "ok", found: "answers, takes records in version 7", remedy: "" },
    { name: "topic 'there'", state: "ok", found: "has 2 partitions", remedy: "" },
    {
      name: "topic 'missing'",
      state: "warning",
      found: "is not there",
      remedy: "Create the topic 'missing'",
    },
    {
      name: "topic 'secret'",
      state: "wrong",
      found: "cannot be used (TOPIC_AUTHORIZATION_FAILED)",
      remedy: "Allow this login to describe and write the topic 'secret'",
    },
  ]);
  assert.equal(b.mayCreate, false);
  assert.deepEqual(host.asked.map(({ connectTimeoutMs }) => connectTimeoutMs), [5_000, 5_000]);
  assert.deepEqual([a.closed, b.closed], [1, 1]);
});

Deno.test("probeCluster names what a login or a certificate is refused for", async () => {
  const a = new FakeKafka();
  a.metadata = () =>
    Promise.reject(new PermanentError("KAFKA_CERTIFICATE", "Kafka broker 'a:1': not accepted"));
  const [probed] = await probeCluster(hostOf({ "a:1": a }), { ...SETTINGS, brokers: ["a:1"] }, [], 1_000);
  assert.equal(probed.found, "cannot be used: not accepted");
  assert.match(probed.remedy, /TLS\.CAFile/);
});
