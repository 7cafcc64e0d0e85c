import assert from "node:assert/strict";
import type { SavedLane } from "../../src/core/checkpoint.ts";
import { AgentWorld } from "../support/agent_world.ts";
import { cri, logOf, pod } from "../inputs/containers.ts";

const GOOD = "inputs: [{Type: service_docker_stdout}]\nflushers: [{Type: flusher_memory}]\n";

Deno.test("Pipeline.create gives nothing when a plugin reports an error, and all problems stand in the list", async () => {
  const world = new AgentWorld();
  const loaded = await world.load({
    "bad.yaml": "inputs:\n  - Type: file_log\n    LogPath: relative\n    FilePattern: a\n" +
      "  - Type: service_docker_stdout\n    IncludeEnv: {A: '^('}\nprocessors:\n  - Type: processor_regex\n" +
      "    SourceKey: content\n    Regex: (a)\n    Keys: [a, b]\nflushers:\n  - Type: flusher_memory\n    Fails: true\n",
    "good.yaml": GOOD,
  });
  assert.deepEqual(
    world.problems.toSorted(),
    [
      "CONFIG_PLUGIN flushers[0]",
      "FILE_RELATIVE_PATH inputs[0].LogPath",
      "REGEX_INVALID inputs[1].IncludeEnv.A",
      ...world.problems.filter((problem) => problem.includes("processors[0]")),
    ].toSorted(),
  );
  assert.equal(loaded.pipelines, 1);
  assert.equal(loaded.files, 2);
  world.files.append(logOf("c1"), cri("a"));
  world.discovery.publish(pod());
  world.agent.start();
  world.run();
  assert.deepEqual(world.values(), ["a"], "the good one runs");
});

Deno.test("Pipeline.create touches neither files nor runtimes", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("a"));
  world.discovery.publish(pod());
  const before = { ...world.files.calls };
  const wallets = world.clock.pending;
  await world.load({
    "a.yaml": GOOD,
    "b.yaml": "inputs: [{Type: file_log, LogPath: /a, FilePattern: b}]\n" +
      "flushers: [{Type: flusher_memory}]\n",
  });
  assert.deepEqual(world.files.calls, before);
  assert.equal(world.clock.pending, wallets);
  assert.deepEqual([world.discovery.started, world.discovery.listeners], [0, 0]);
  assert.deepEqual(world.delivered.sources, []);
});

Deno.test("Pipeline gives every flusher each record through a lane of its own", async () => {
  const world = new AgentWorld();
  await world.load({
    "two.yaml": "inputs: [{Type: service_docker_stdout}, {Type: service_docker_stdout/b, Stderr: false}]\n" +
      "flushers: [{Type: flusher_memory}, {Type: flusher_memory/b}]\n",
  });
  world.files.append(logOf("c1"), cri("out") + cri("err", "stderr"));
  world.discovery.publish(pod());
  world.agent.start();
  world.run();
  assert.deepEqual(world.values().toSorted(), ["err", "err", "out", "out", "out", "out"]);
  const keys = [...world.store.rows.values()].map(({ key }) => `${key.pipeline} ${key.input} ${key.flusher}`);
  world.run();
  assert.deepEqual(
    [...world.store.rows.values()].map(({ key }) => `${key.pipeline} ${key.input} ${key.flusher}`)
      .toSorted(),
    [
      "two service_docker_stdout#0 flusher_memory#0",
      "two service_docker_stdout#0 flusher_memory/b",
      "two service_docker_stdout/b flusher_memory#0",
      "two service_docker_stdout/b flusher_memory/b",
    ],
  );
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("Pipeline that is not enabled does not run, and its problems are said", async () => {
  const world = new AgentWorld();
  const loaded = await world.load({ "off.yaml": `enable: false\n${GOOD}` });
  assert.deepEqual([loaded.pipelines, loaded.files, loaded.problems.length], [0, 1, 0]);
  for (const enable of ["false", "perhaps"]) {
    await world.load({
      "off.yaml": `enable: ${enable}\ninputs: [{Type: file_log, LogPath: a, FilePattern: b}]\n` +
        "flushers: [{Type: flusher_memory}]\n",
    });
    assert.deepEqual(world.problems.filter((problem) => !problem.endsWith(" enable")), [
      "FILE_RELATIVE_PATH inputs[0].LogPath",
    ]);
  }
});

Deno.test("Pipeline.create asks plugins of which options are missing or wrong for what else they find", async () => {
  const world = new AgentWorld();
  await world.load({
    "bad.yaml": "inputs:\n  - Type: file_log\n    FilePattern: a/b\n    DirBlackList: [relative]\n" +
      "processors:\n  - Type: processor_regex\n    SourceKey: content\n    Keys: [[a]]\n    Regex: (\n" +
      "flushers:\n  - Type: flusher_memory\n",
  });
  assert.deepEqual(world.problems.toSorted(), [
    "CONFIG_MISSING inputs[0]",
    "CONFIG_REGEX processors[0].Regex",
    "CONFIG_WRONG_TYPE processors[0].Keys[0]",
    "FILE_PATTERN_SLASH inputs[0].FilePattern",
    "FILE_RELATIVE_PATH inputs[0].DirBlackList[0]",
  ]);
});

Deno.test("Pipeline reads nothing and says what it waits for until its flusher knows where to begin", async () => {
  const world = new AgentWorld();
  const { promise, resolve } = Promise.withResolvers<readonly SavedLane[]>();
  world.delivered.prepared = promise;
  await world.load({ "once.yaml": GOOD });
  world.files.append(logOf("c1"), cri("a"));
  world.discovery.publish(pod());
  world.agent.start();
  world.run();
  assert.deepEqual(world.values(), []);
  const reason = "the pipeline 'once' reads nothing yet, it is waiting for the resume points of topic 'r'";
  assert.deepEqual(world.agent.waiting, [reason]);
  resolve([]);
  await promise;
  // Its flusher, then the pipeline.
  for (let i = 0; i < 5; i++) await Promise.resolve();
  world.run();
  assert.deepEqual([world.values(), world.agent.waiting], [["a"], []]);
});
