import assert from "node:assert/strict";
import { startKafka } from "../support/kafka.ts";
import { freePorts } from "../support/process.ts";
import { TestProxy } from "../support/proxy.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib } from "./reliability_bed.ts";

export const slowBroker: Fault = {
  id: "R6",
  fault: "the way to the broker is slow, or half open; logins expire",
  done: {
    short:
      "a proxy passes on 200 kB/s of more for 6 s, then forgets its connections twice (`Timeout` 2 s); a broker " +
      "that wants a new login every 2 s, 8 s of load",
    full: "the same with 60 s, ten times, and 60 s",
  },
  users: "lines come later; a warning when connections are lost",
  measures: true,
  byHand: true,
  async run(bed, form) {
    const [port] = freePorts(1);
    const kafka = await startKafka({ props: { "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}` } });
    const proxy = new TestProxy(port, kafka.port);
    try {
      const load = await bed.workload("r06", { kafka, partitions: 2 });
      const pipeline = load.pipeline(["Timeout: 2s", "BrokerTimeout: 1s", "Compression: none"]);
      const agent = await bed.agent({ pipelines: { all: pipeline } });
      await load.appendFor(1000, 1000, ["a", "b"]);
      await load.settled(undefined, 300);
      const before = agent.figures().rssBytes;
      proxy.bytesPerSecond = 200_000;
      await load.appendFor(form === "short" ? 6000 : 60_000, 5000, ["a", "b"]);
      const behind = await agent.metric("denotail_backlog_bytes");
      assert.ok(behind > 0, "the proxy was not slow enough to show anything");
      const slow = agent.figures().peakRssBytes;
      proxy.bytesPerSecond = Infinity;
      let forgotten = 0;
      for (let turn = 0; turn < (form === "short" ? 2 : 10); turn++) {
        await load.appendFor(1000, 2000, ["a", "b"]);
        forgotten += proxy.forgetConnections();
        await load.appendFor(1000, 2000, ["a", "b"]);
        await load.settled(60_000, 0);
      }
      const verdict = await load.verdict();
      assertKept(verdict);
      assert.ok(slow - before < 96 * 1024 * 1024, `${mib(before)} -> ${mib(slow)}`);
      assert.equal(await agent.stop(), 0);
      return `${verdict.text}; RSS ${mib(before)}, highest while slow ${
        mib(slow)
      }; ${forgotten} connections half ` +
        `open; ${await logins(bed, form)}`;
    } finally {
      await bed.endAgents();
      await proxy.end();
      await kafka.dispose();
    }
  },
};

async function logins(bed: Parameters<Fault["run"]>[0], form: "short" | "full"): Promise<string> {
  const kafka = await startKafka({ secure: true, props: { "connections.max.reauth.ms": "2000" } });
  try {
    const load = await bed.workload("r06-login", { kafka });
    const login = [
      "Authentication:",
      "  SASL:",
      "    SaslMechanism: PLAIN",
      "    Username: alice",
      "    Password: alice-secret",
    ];
    const agent = await bed.agent({
      pipelines: { all: load.pipeline(login, [], kafka.listeners.saslPlaintext) },
    });
    await load.appendFor(form === "short" ? 8000 : 60_000, 1000, ["a", "b"]);
    const verdict = await load.verdict();
    assertKept(verdict);
    assert.equal(await agent.stop(), 0);
    return `logins that expire: ${verdict.text}`;
  } finally {
    await bed.endAgents();
    await kafka.dispose();
  }
}
