import assert from "node:assert/strict";
import { filePipeline } from "../e2e/agent_bed.ts";
import { judge } from "../support/oracle.ts";
import { startKafka } from "../support/kafka.ts";
import { brokerTime, settledCount } from "../support/verify.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

export const refusingTopic: Fault = {
  id: "I2",
  fault: "one topic takes no records",
  done: {
    short:
      "three pipelines to one broker: a good topic, one that its ACL forbids to write, one that is not there; " +
      "12 s of filling up, 10 s at 2,000 lines/s; beside it an agent with the good one only",
    full: "the same for 120 s",
  },
  users: "a warning for each of the two topics; the third one's lines come as if it were alone",
  measures: true,
  byHand: true,
  async run(bed, form) {
    const kafka = await startKafka({
      props: {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "true",
      },
    });
    const load = await bed.workload("i2", { kafka });
    const alone = `${load.topic}-alone`;
    await kafka.createTopic(alone, 1, brokerTime);
    await kafka.createTopic("i2-refusing", 1);
    await forbidWriting(kafka.bootstrap, "i2-refusing");
    const to = (topic: string) => filePipeline(load.folder, "*.log", kafka.bootstrap, topic);
    const agent = await bed.agent({
      pipelines: { good: load.pipeline(), refusing: to("i2-refusing"), missing: to("i2-missing") },
    });
    const control = await bed.agent({ pipelines: { good: to(alone) } });
    const streams = ["a", "b"];
    await load.appendFor(12_000, 2000, streams);
    await load.settled(undefined, 0);
    const [from] = await kafka.endOffsets(load.topic);
    await load.appendFor(form === "short" ? 10_000 : 120_000, 2000, streams);
    const verdict = await load.verdict();
    assertKept(verdict);
    await settledCount(kafka, alone, load.total);
    const late = async (topic: string) => {
      const records = (await kafka.consume(topic)).filter((record) => record.offset >= from);
      return judge(records, load.written).fates.get("a")!.latencyMs;
    };
    const good = await late(load.topic);
    const undisturbed = await late(alone);
    const [taken] = await kafka.endOffsets("i2-refusing");
    const figures = `latency p50/p99 ${good.median}/${good.p99} ms beside two topics that take nothing, ` +
      `${undisturbed.median}/${undisturbed.p99} ms alone; ${verdict.text}`;
    assert.equal(taken, 0, "the topic took records, so this shows nothing");
    assert.ok(good.median - undisturbed.median <= 50, figures);
    assert.ok(good.p99 - undisturbed.p99 <= 150, figures);
    for (const each of [agent, control]) await each.kill9();
    await kafka.dispose();
    return figures;
  },
};

/** Everybody may do all with the topic, but write to it. */
async function forbidWriting(bootstrap: string, topic: string): Promise<void> {
  const { Kafka, ...kinds } = await import("kafkajs");
  const admin = new Kafka({ brokers: [bootstrap], logLevel: kinds.logLevel.ERROR }).admin();
  await admin.connect();
  const rule = {
    resourceType: kinds.AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: kinds.ResourcePatternTypes.LITERAL,
    principal: "User:ANONYMOUS",
    host: "*",
  };
  await admin.createAcls({
    acl: [
      { ...rule, operation: kinds.AclOperationTypes.ALL, permissionType: kinds.AclPermissionTypes.ALLOW },
      { ...rule, operation: kinds.AclOperationTypes.WRITE, permissionType: kinds.AclPermissionTypes.DENY },
    ],
  });
  await admin.disconnect();
}
