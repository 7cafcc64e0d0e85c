/** After warm-up no batch costs a large buffer, through the whole way: files, processors, envelope, codec, requests. */
import assert from "node:assert/strict";
import { largeBuffers } from "../../src/base/buffers.ts";
import { HostCodecs } from "../../src/host/codecs.ts";
import { cri, logOf, pod } from "../inputs/containers.ts";
import { AgentWorld } from "../support/agent_world.ts";
import { FakeKafka } from "../support/fake_kafka.ts";

const PIPELINES: Readonly<Record<string, { line: (n: number) => string; processors: string }>> = {
  raw: { line: (n) => `a line of an application, number ${n}, with some text behind it`, processors: "" },
  regex: {
    line: (n) => `10.0.0.${n % 256} GET /page/${n} 200`,
    processors: `processors:
  - Type: processor_regex
    SourceKey: content
    Regex: (\\S+) (\\w+) (\\S+) (\\d+)
    Keys: [ip, method, path, status]
`,
  },
  json: {
    line: (n) => JSON.stringify({ level: "info", n, text: '日本語 "quoted"', nested: { n } }),
    processors: `processors:
  - Type: processor_json
    SourceKey: content
    KeepSource: false
    ExpandDepth: 2
`,
  },
};

Deno.test("no batch makes a buffer of 4 KiB or more once all sizes are found", async () => {
  const world = new AgentWorld();
  const kafka = new FakeKafka();
  world.options = { fromStart: true };
  world.flusherHost = { kafka: { open: () => kafka, checkPem: () => null }, codecs: new HostCodecs() };
  const names = Object.keys(PIPELINES);
  // Always the same lines, so that rounds are alike.
  const append = (lines: number) => {
    for (const name of names) {
      let text = "";
      for (let n = 0; n < lines; n++) text += cri(PIPELINES[name].line(n));
      world.files.append(logOf(name), text);
    }
  };
  append(1);
  world.discovery.publish(...names.map((name) => pod(name, { podName: name })));
  const loaded = await world.load(Object.fromEntries(names.map((name) => {
    kafka.topics.set(name, [1, 1]);
    return [
      `${name}.yaml`,
      `enable: true
inputs:
  - Type: service_docker_stdout
    K8sPodRegex: ^${name}$
${PIPELINES[name].processors}flushers:
  - Type: flusher_kafka_v2
    Brokers: [k:1]
    Topic: ${name}
`,
    ];
  })));
  assert.deepEqual(loaded.problems, []);
  world.agent.start();
  let lines = 1;
  const deliver = async (more: number): Promise<void> => {
    append(more);
    await world.clock.run(3_000);
    lines += more;
    const records = names.map((name) => kafka.texts(name, 0).length + kafka.texts(name, 1).length);
    assert.deepEqual(records, names.map(() => lines));
  };
  for (let round = 0; round < 2; round++) await deliver(8_000);
  const warm = largeBuffers.made;
  const batches = world.metrics.total("denotail_kafka_batches_total");
  for (let round = 0; round < 3; round++) await deliver(8_000);
  const more = world.metrics.total("denotail_kafka_batches_total") - batches;
  assert.ok(more > 50, `${more} batches`);
  assert.equal(largeBuffers.made - warm, 0, `buffers for ${more} batches`);
  assert.equal(world.metrics.total("denotail_large_buffers_total"), warm);
  assert.ok(warm > 10, "they are counted");
});
