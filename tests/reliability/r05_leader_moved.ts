import assert from "node:assert/strict";
import { startKafkaCluster } from "../support/kafka_cluster.ts";
import { addPartitions } from "../support/kafka_wire.ts";
import { brokerTime } from "../support/verify.ts";
import type { Fault } from "./fault.ts";
import { assertKept, Workload } from "./reliability_bed.ts";

const streams = ["a", "b", "c", "d"];

export const leaderMoved: Fault = {
  id: "R5",
  fault: "leaders move, brokers restart one by one, partitions are added",
  done: {
    short:
      "three brokers, 3 copies; one broker stopped and started, one killed and started, 2 partitions more",
    full: "each broker in turn, twice: stopped and started, killed and started; 2 partitions more each time",
  },
  users: "a short delay",
  byHand: true,
  async run(bed, form) {
    const cluster = await startKafkaCluster(3);
    try {
      const { folder } = await bed.namespace();
      const logs = `${folder}/tmp/r05`;
      Deno.mkdirSync(logs);
      const config = { ...brokerTime, "min.insync.replicas": "2" };
      await cluster.createTopic("moved", 2, 3, config);
      const load = new Workload(logs, "moved", cluster.brokers[0]);
      const brokers = cluster.brokers.map((broker) => broker.bootstrap).join("\n      - ");
      const agent = await bed.agent({ pipelines: { all: load.pipeline([], [], brokers) } });
      let over = false;
      const writing = (async () => {
        while (!over) await load.appendFor(500, 3000, streams);
      })();
      const leaders = new Set<string>();
      const note = async () => leaders.add((await cluster.leaders("moved")).join());
      await note();
      let partitions = 2;
      // Not the first: it is the only controller, and without one nothing moves.
      const turns = form === "short" ? [1, 2] : [1, 2, 0, 1, 2, 0];
      for (const [turn, index] of turns.entries()) {
        const broker = cluster.brokers[index];
        if (turn % 2 === 0) await broker.stop();
        else await broker.kill9();
        await load.appendFor(1500, 100, ["e"]);
        if (index !== 0) await note();
        await broker.start();
        await addPartitions(cluster.brokers[0].bootstrap, "moved", partitions += form === "short" ? 1 : 2);
        await load.appendFor(1500, 100, ["e"]);
        await note();
      }
      over = true;
      await writing;
      const verdict = await load.verdict();
      assertKept(verdict);
      assert.ok(leaders.size > 1, "no leader moved, so this shows nothing");
      assert.equal(await agent.stop(), 0);
      return `${turns.length} restarts, ${partitions} partitions at the end, ${leaders.size} different sets of ` +
        `leaders: ${verdict.text}`;
    } finally {
      await bed.endAgents();
      await cluster.dispose();
    }
  },
};
