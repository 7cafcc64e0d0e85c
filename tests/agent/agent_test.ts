import assert from "node:assert/strict";
import { AgentWorld } from "../support/agent_world.ts";
import { cri, logOf, pod } from "../inputs/containers.ts";

const STDOUT = "service_docker_stdout";

/** An agent that follows one container. */
async function running(prepare: (world: AgentWorld) => void = () => {}): Promise<AgentWorld> {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("one"));
  world.discovery.publish(pod());
  prepare(world);
  await world.start(STDOUT);
  world.run();
  return world;
}

/** Offset up to which the only lane is saved. */
function savedAt(world: AgentWorld): number | undefined {
  const rows = [...world.store.rows.values()];
  assert.ok(rows.length <= 1);
  return rows[0]?.done[0];
}

Deno.test("Agent.stop begins no turn after it was called, and saves what was acknowledged", async () => {
  const world = await running();
  world.files.append(logOf("c1"), cri("late"));
  let duringStop: () => void = () => {};
  world.delivered.atStop = () => new Promise((resolve) => duringStop = resolve);
  const stopped = world.agent.stop();
  world.clock.advance(5_000);
  assert.deepEqual(world.delivered.lines.length, 1, "nothing is read while flushers drain");
  assert.deepEqual(world.delivered.events, ["write", "stop"]);
  duringStop();
  assert.equal(await stopped, "clean");
  assert.equal(savedAt(world), cri("one").length);
  assert.equal(world.files.openCount, 0);
  assert.equal(world.discovery.stopped, 1);
  assert.equal(world.discovery.listeners, 0);
  world.clock.advance(60_000);
  assert.equal(world.delivered.lines.length, 1);
  await world.load({});
});

Deno.test("Agent.stop saves what is acknowledged while it drains", async () => {
  const world = await running((world) => world.delivered.acks = false);
  assert.equal(savedAt(world), 0, "the file is known, nothing of it is done");
  world.delivered.atStop = () => {
    world.delivered.acknowledge();
    return Promise.resolve();
  };
  await world.agent.stop();
  assert.equal(savedAt(world), cri("one").length);
});

Deno.test("Agent.stop leaves what is not acknowledged unsaved, so that a restart sends it again", async () => {
  const world = await running((world) => world.delivered.acks = false);
  world.delivered.atStop = (deadlineMs) => {
    assert.equal(deadlineMs, 10_000);
    world.clock.advance(deadlineMs);
    return Promise.resolve();
  };
  assert.equal(await world.agent.stop(), "deadline");
  assert.equal(savedAt(world), 0, "the file is known, nothing of it is done");
  world.delivered.acks = true;
  world.delivered.atStop = () => Promise.resolve();
  await world.restart();
  world.run();
  assert.deepEqual(world.values(), ["one", "one"]);
});

Deno.test("Agent.stop saves and closes when a flusher's stop throws", async () => {
  const world = await running();
  world.delivered.atStop = () => Promise.reject(new Error("socket gone"));
  await world.agent.stop();
  assert.equal(savedAt(world), cri("one").length);
  assert.equal(world.files.openCount, 0);
  assert.deepEqual(world.log.messages("error"), ["Flusher did not stop"]);
});

Deno.test("Agent goes on after a crash where it was acknowledged", async () => {
  const world = await running();
  world.files.append(logOf("c1"), cri("two"));
  world.delivered.acks = false;
  world.run();
  world.delivered.acks = true;
  await world.restart();
  world.run();
  assert.deepEqual(world.values(), ["one", "two", "two"]);
});

Deno.test("Agent stops reading while no flusher has room, and goes on when there is some", async () => {
  const world = await running((world) => world.delivered.roomBytes = 0);
  assert.deepEqual(world.values(), []);
  world.delivered.roomBytes = 1 << 20;
  world.run();
  assert.deepEqual(world.values(), ["one"]);
});

Deno.test("Agent obeys the memory limit: nothing is read above it until memory falls", async () => {
  const world = await running((world) => {
    world.options = { memoryLimitMb: 200 };
    world.delivered.acks = false;
  });
  world.rssBytes = 195 << 20;
  world.run(1_100);
  world.files.append(logOf("c1"), cri("two"));
  world.run(3_000);
  assert.deepEqual(world.values(), ["one"]);
  world.rssBytes = 100 << 20;
  world.run(3_000);
  assert.deepEqual(world.values(), ["one", "two"]);
});

Deno.test("Agent reads every file whole when told to begin at the start", async () => {
  const world = new AgentWorld();
  world.options = { fromStart: true };
  world.files.append("/host/l/a.log", "x".repeat(99).concat("\n").repeat(100));
  world.run(10_000);
  await world.start("file_log", "LogPath: /l\nFilePattern: a.log\nTailSizeKB: 1");
  world.run();
  assert.equal(world.values().length, 100);
});

Deno.test("Agent adds the pipeline's, its environment's and the node's tags behind the container's, as asked", async () => {
  const world = new AgentWorld();
  world.variables.REGION = "eu-1";
  world.node = { ...world.node, envTags: ["REGION", "UNSET"], hostTags: true };
  world.files.append(logOf("c1"), cri("a"));
  world.discovery.publish(pod("c1", { env: new Map([["aliyun_logs_x_tags", "REGION=theirs"]]) }));
  await world.start(STDOUT, "ExternalEnvTag: {NONE: none}", "global: {Tags: {cluster: east, Zone: 1}}");
  world.run();
  assert.deepEqual(world.records[0].slice(9), [
    ["none", ""],
    ["__tag__:cluster", "east"],
    ["__tag__:Zone", "1"],
    ["__tag__:REGION", "eu-1"],
    ["__tag__:UNSET", ""],
    ["__tag__:__hostname__", "node-1"],
    ["__tag__:__host_ip__", "10.0.0.1"],
  ]);
});

Deno.test("Agent adds no tag of the node unless asked, and no address it does not know", async () => {
  const plain = await running();
  assert.ok(!plain.keys.some((key) => key.startsWith("__tag__:")));
  const world = await running((world) => {
    world.node = { ...world.node, ip: "", hostTags: true };
  });
  assert.deepEqual(world.records[0].slice(9), [["__tag__:__hostname__", "node-1"]]);
});

Deno.test("Agent gives files the id of ALIYUN_LOGTAIL_USER_DEFINED_ID", async () => {
  const world = new AgentWorld();
  world.node = { ...world.node, userDefinedId: "team-a" };
  world.files.append("/host/l/a.log", "a\n");
  await world.start("file_log", "LogPath: /l\nFilePattern: a.log");
  world.run();
  assert.deepEqual(world.values("__tag__:__user_defined_id__"), ["team-a"]);
});

Deno.test("Agent tells when errors leave nothing to run: in every file, or because the folder cannot be read", async () => {
  const bad = "inputs: [{Type: file_log, LogPath: a, FilePattern: b}]\nflushers: [{Type: flusher_memory}]\n";
  const good = bad.replace("LogPath: a", "LogPath: /a");
  const cases: [Record<string, string>, boolean][] = [
    [{}, false],
    [{ "a.yaml": bad }, true],
    [{ "a.yaml": bad, "b.yaml": good }, false],
  ];
  for (const [pipelines, expected] of cases) {
    const world = new AgentWorld();
    await world.load(pipelines);
    assert.equal(world.agent.nothingUsable, expected, Object.keys(pipelines).join());
  }
  const world = new AgentWorld();
  world.options = { config: { folder: "/nowhere" } };
  const { problems } = await world.load({});
  assert.deepEqual(problems.map(({ code }) => code), ["CONFIG_FOLDER"]);
  assert.equal(world.agent.nothingUsable, true);
});
