import assert from "node:assert/strict";
import { AgentWorld } from "../support/agent_world.ts";
import { container } from "../support/runtime_fixtures.ts";
import { cri, json, layered, logOf, mapOf, pod, TIME } from "./containers.ts";

const TYPE = "service_docker_stdout";

/** One container with one line of each stream. */
async function both(options: string): Promise<AgentWorld> {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("out") + cri("err", "stderr"));
  world.discovery.publish(pod());
  await world.start(TYPE, options);
  world.run();
  return world;
}

/** Which of the containers `a`, `b`, … are collected; each writes its id. */
async function taken(options: string, ...containers: ReturnType<typeof pod>[]): Promise<string[]> {
  const world = new AgentWorld();
  for (const { id } of containers) world.files.append(logOf(id), cri(id));
  world.discovery.publish(...containers);
  await world.start(TYPE, options);
  world.run();
  return world.values().map(String).sort();
}

// covers: service_docker_stdout.Stdout, service_docker_stdout.Stderr
Deno.test("service_docker_stdout takes the streams that are on", async () => {
  assert.deepEqual((await both("")).values(), ["out", "err"]);
  assert.deepEqual((await both("Stderr: false")).values(), ["out"]);
  assert.deepEqual((await both("Stdout: false")).values(), ["err"]);
  const neither = await both("Stdout: false\nStderr: false");
  assert.deepEqual(neither.values(), ["out"]);
  assert.deepEqual(neither.problems, ["STDIO_NO_STREAM inputs[0].Stdout"]);
});

Deno.test("service_docker_stdout gives the seed's fields in the seed's order", async () => {
  const world = await both("Stderr: false");
  assert.deepEqual(world.records, [[
    ["content", "out"],
    ["_time_", TIME],
    ["_source_", "stdout"],
    ["_image_name_", "docker.io/library/nginx:latest"],
    ["_container_name_", "nginx"],
    ["_pod_name_", "web-0"],
    ["_namespace_", "shop"],
    ["_pod_uid_", "uid-1"],
    ["_container_ip_", "10.1.0.7"],
  ]]);
  assert.equal(JSON.parse(world.delivered.lines[0]).Time, Math.floor(world.clock.wallMs() / 1000) - 1);
  assert.equal(world.delivered.sources[0].key, "c1:/logs/c1.log");
});

Deno.test("service_docker_stdout leaves unknown fields out when the container is plain docker", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), json("a\n") + json("b") + json("c\n"));
  world.discovery.publish(container("c1"));
  await world.start(TYPE);
  world.run();
  assert.deepEqual(world.keys, ["content", "_time_", "_source_", "_image_name_", "_container_name_"]);
  assert.deepEqual(world.values(), ["a", "bc"]);
  assert.equal(world.values("_time_")[0], "2021-02-02T02:18:41.979147844Z");
});

// covers: service_docker_stdout.IncludeLabel, service_docker_stdout.IncludeContainerLabel
Deno.test("service_docker_stdout takes containers by their labels, by either name of the option", async () => {
  const a = pod("a", { labels: mapOf({ tier: "web", zone: "1" }) });
  const b = pod("b", { labels: mapOf({ tier: "worker" }) });
  const c = pod("c", { labels: mapOf({ other: "web" }) });
  for (const name of ["IncludeLabel", "IncludeContainerLabel", "includecontainerlabel"]) {
    assert.deepEqual(await taken(`${name}:\n  tier: web`, a, b, c), ["a"], "equal");
    assert.deepEqual(await taken(`${name}:\n  tier: ^w`, a, b, c), ["a", "b"], "searched");
    assert.deepEqual(await taken(`${name}:\n  tier: ""`, a, b, c), ["a", "b"], "any value");
    assert.deepEqual(await taken(`${name}:\n  tier: eb`, a, b, c), [], "no pattern without '^'");
    assert.deepEqual(await taken(`${name}:\n  zone: 1\n  other: web`, a, b, c), ["a", "c"], "either");
  }
  const bothNames = "IncludeLabel:\n  tier: web\n  zone: x\nIncludeContainerLabel:\n  tier: worker";
  assert.deepEqual(await taken(bothNames, a, b, c), ["b"], "the newer name wins");
});

// covers: service_docker_stdout.ExcludeLabel, service_docker_stdout.ExcludeContainerLabel
Deno.test("service_docker_stdout leaves containers out by their labels, and exclusion wins", async () => {
  const a = pod("a", { labels: mapOf({ tier: "web", debug: "1" }) });
  const b = pod("b", { labels: mapOf({ tier: "web" }) });
  for (const name of ["ExcludeLabel", "ExcludeContainerLabel"]) {
    assert.deepEqual(await taken(`${name}:\n  debug: ""\n  none: x`, a, b), ["b"]);
    assert.deepEqual(await taken(`IncludeLabel:\n  tier: web\n${name}:\n  debug: ^1$`, a, b), ["b"]);
  }
});

// covers: service_docker_stdout.IncludeK8sLabel, service_docker_stdout.ExcludeK8sLabel
Deno.test("service_docker_stdout takes pods by their labels", async () => {
  const a = pod("a", { podLabels: mapOf({ app: "nginx" }) });
  const b = pod("b", { podLabels: mapOf({ tier: "api-2" }) });
  const c = pod("c", { podLabels: mapOf({ app: "redis" }), labels: mapOf({ app: "nginx" }) });
  assert.deepEqual(await taken('IncludeK8sLabel: {app: nginx, tier: "^(web|api)"}', a, b, c), ["a", "b"]);
  assert.deepEqual(await taken("ExcludeK8sLabel: {app: nginx}", a, b, c), ["b", "c"]);
});

// covers: service_docker_stdout.IncludeEnv, service_docker_stdout.ExcludeEnv
Deno.test("service_docker_stdout takes containers by their environment", async () => {
  const a = pod("a", { env: mapOf({ STAGE: "prod" }) });
  const b = pod("b", { env: mapOf({ STAGE: "test", DEBUG: "" }) });
  assert.deepEqual(await taken("IncludeEnv: {STAGE: ^pr}", a, b), ["a"]);
  assert.deepEqual(await taken('ExcludeEnv: {DEBUG: ""}', a, b), ["a"]);
  assert.deepEqual(await taken("IncludeEnv: {STAGE: test}\nExcludeEnv: {DEBUG: }", a, b), []);
});

// covers: service_docker_stdout.K8sNamespaceRegex, service_docker_stdout.K8sPodRegex, service_docker_stdout.K8sContainerRegex
Deno.test("service_docker_stdout takes containers by their Kubernetes names, all of which must match", async () => {
  const a = pod("a", { namespace: "default", podName: "web-0", name: "nginx" });
  const b = pod("b", { namespace: "default", podName: "db-0", name: "postgres" });
  const plain = layered("plain", { name: "nginx", logDriver: "json-file" });
  assert.deepEqual(await taken("K8sNamespaceRegex: ^(default)$", a, b, plain), ["a", "b"]);
  assert.deepEqual(await taken("K8sPodRegex: b-", a, b, plain), ["a", "b"], "searched");
  assert.deepEqual(
    await taken("K8sContainerRegex: nginx", a, b, plain),
    ["a"],
    "outside Kubernetes: no name",
  );
  assert.deepEqual(await taken("K8sPodRegex: web\nK8sContainerRegex: postgres", a, b), []);
});

Deno.test("service_docker_stdout needs labels, environment and names to match at once", async () => {
  const a = pod("a", { labels: mapOf({ tier: "web" }), env: mapOf({ STAGE: "prod" }) });
  const b = pod("b", { labels: mapOf({ tier: "web" }), env: mapOf({ STAGE: "test" }) });
  assert.deepEqual(await taken("IncludeLabel: {tier: web}\nIncludeEnv: {STAGE: prod}", a, b), ["a"]);
});

// covers: service_docker_stdout.ExternalEnvTag, service_docker_stdout.ExternalK8sLabelTag
Deno.test("service_docker_stdout adds external fields behind the container's, empty when absent", async () => {
  const world = await both(
    "Stderr: false\nExternalEnvTag: {STAGE: stage, NONE: none}\nExternalK8sLabelTag: {app: app_name, x: y}",
  );
  assert.deepEqual(world.records[0].slice(9), [
    ["stage", "prod"],
    ["none", ""],
    ["app_name", "nginx"],
    ["y", ""],
  ]);
});

// covers: service_docker_stdout.BeginLineRegex
Deno.test("service_docker_stdout joins lines up to the next match of BeginLineRegex, per stream", async () => {
  const world = new AgentWorld();
  world.files.append(
    logOf("c1"),
    cri("2024-01-01 failed") + cri("2024-01-01 warns", "stderr") + cri("  at A") + cri("\tat E", "stderr") +
      cri("  at B") + cri("2024-01-02 ok"),
  );
  world.discovery.publish(pod());
  await world.start(TYPE, "BeginLineRegex: \\d{4}-\\d{2}");
  world.run(1_000);
  assert.deepEqual(world.values(), ["2024-01-01 failed\n  at A\n  at B"]);
  world.run(3_000);
  assert.deepEqual(world.values().toSorted(), [
    "2024-01-01 failed\n  at A\n  at B",
    "2024-01-01 warns\n\tat E",
    "2024-01-02 ok",
  ]);
});

// covers: service_docker_stdout.BeginLineTimeoutMs
Deno.test("service_docker_stdout ends an open record after BeginLineTimeoutMs of silence", async () => {
  for (const [options, beforeMs] of [["", 2_700], ["\nBeginLineTimeoutMs: 500", 300]] as const) {
    const world = new AgentWorld();
    world.discovery.publish(pod());
    await world.start(TYPE, `BeginLineRegex: ^A${options}`);
    world.run();
    world.files.append(logOf("c1"), cri("A1") + cri("more"));
    world.run(beforeMs);
    assert.deepEqual(world.values(), []);
    world.run(600);
    assert.deepEqual(world.values(), ["A1\nmore"]);
  }
});

// covers: service_docker_stdout.BeginLineCheckLength
Deno.test("service_docker_stdout searches BeginLineRegex in the first BeginLineCheckLength bytes", async () => {
  for (const [length, expected] of [[4, ["1A\n....A"]], [5, ["1A", "....A"]]] as const) {
    const world = new AgentWorld();
    world.files.append(logOf("c1"), cri("1A") + cri("....A"));
    world.discovery.publish(pod());
    await world.start(TYPE, `BeginLineRegex: A\nBeginLineCheckLength: ${length}`);
    world.run(6_000);
    assert.deepEqual(world.values(), expected);
  }
});

// covers: service_docker_stdout.MaxLogSize, service_docker_stdout.OversizeRecord
Deno.test("service_docker_stdout sends a record above MaxLogSize in numbered pieces, or cuts it", async () => {
  const run = async (options: string) => {
    const world = new AgentWorld();
    world.files.append(logOf("c1"), cri("x".repeat(2_500)) + cri("next"));
    world.discovery.publish(pod());
    await world.start(TYPE, options);
    world.run();
    return world;
  };
  const split = await run("MaxLogSize: 1024");
  assert.deepEqual(split.values().map((text) => text?.length), [1024, 1024, 452, 4]);
  assert.deepEqual(split.values("_split_"), ["1", "2", "3/3", undefined]);
  const cut = await run("MaxLogSize: 1024\nOversizeRecord: truncate");
  assert.deepEqual(cut.values().map((text) => text?.length), [1024, 4]);
  assert.deepEqual(cut.values("_truncated_"), ["true", undefined]);
  assert.deepEqual((await run("")).values().map((text) => text?.length), [2_500, 4], "default 512 KiB");
});

/** A log of 300 KiB in lines of 100 bytes that was there before the agent's first start. */
function oldLog(world: AgentWorld): void {
  world.files.append(logOf("c1"), cri("x".repeat(99 - cri("").length + 1)).repeat(3_000));
  world.clock.advance(10_000);
}

// covers: service_docker_stdout.StartLogMaxOffset
Deno.test("service_docker_stdout reads the last StartLogMaxOffset bytes of what was there before the first start", async () => {
  for (
    const [options, lines] of [["", 1310], ["StartLogMaxOffset: 1000", 10], [
      "StartLogMaxOffset: 0",
      0,
    ]] as const
  ) {
    const world = new AgentWorld();
    oldLog(world);
    world.discovery.publish(pod());
    await world.start(TYPE, options);
    world.run();
    assert.equal(world.values().length, lines);
    assert.ok(world.values().every((text) => text?.startsWith("x")), "aligned to a line");
  }
});

Deno.test("service_docker_stdout reads a young container whole, and an old one for a pipeline that writes no limit", async () => {
  const young = new AgentWorld();
  await young.start(TYPE, "StartLogMaxOffset: 1000");
  young.run(5_000);
  young.files.append(logOf("c1"), cri("x".repeat(90)).repeat(2_000));
  young.discovery.publish(pod("c1", { createdMs: young.clock.wallMs() - 1_000 }));
  young.run();
  assert.equal(young.values().length, 2_000);

  for (const [options, lines] of [["", 3_000], ["StartLogMaxOffset: 1000", 10]] as const) {
    const world = new AgentWorld();
    world.store.birth = { kind: "known", bornMs: world.clock.wallMs() - 1_000_000 };
    oldLog(world);
    world.discovery.publish(pod());
    await world.start(TYPE, options);
    world.run();
    assert.equal(world.values().length, lines, "a new pipeline on an old store");
  }
});

Deno.test("service_docker_stdout collects no container twice when it matches in many ways, and every one when nothing is asked", async () => {
  assert.deepEqual(await taken("", pod("a"), pod("b", { labels: new Map() })), ["a", "b"]);
});

Deno.test("service_docker_stdout names a container once when its log driver is not read", async () => {
  const world = new AgentWorld();
  const local = container("c1", { logDriver: "local", name: "db" });
  const none = container("c2", { logPath: "", name: "quiet" });
  const odd = container("c3", { runtime: "static", logDriver: "syslog", name: "static" });
  world.discovery.publish(local, none, odd);
  await world.start(TYPE);
  world.run();
  world.discovery.publish(container("c1", { logDriver: "local", name: "db", ip: "1.2.3.4" }), none, odd);
  world.run();
  assert.deepEqual(
    world.warnings("Container's output is not collected").map(({ container, reason }) => [container, reason]),
    [
      ["db", "the log driver is 'local', only 'json-file' is read"],
      ["quiet", "the runtime names no log file"],
      ["static", "the log driver is 'syslog', only 'json-file' is read"],
    ],
  );
});

Deno.test("service_docker_stdout reads static containers of LogType json-file", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), json("hello\n"));
  world.discovery.publish(container("c1", { runtime: "static", name: "app" }));
  await world.start(TYPE);
  world.run();
  assert.deepEqual(world.values(), ["hello"]);
});

Deno.test("service_docker_stdout takes the runtime's time when the pipeline says TimeSource: record", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("a"));
  world.discovery.publish(pod());
  await world.start(TYPE, "", "global:\n  TimeSource: record");
  world.run();
  assert.equal(JSON.parse(world.delivered.lines[0]).Time, Date.parse("2022-07-13T15:45:54Z") / 1000);
});

Deno.test("service_docker_stdout and input_file give records the topic of the section global", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("a"));
  world.discovery.publish(pod());
  await world.start(TYPE, "", "global: {TopicType: custom, TopicFormat: orders}");
  world.run();
  assert.deepEqual(world.values("__log_topic__"), ["orders"]);
  const files = new AgentWorld();
  files.files.append("/host/l/shop/a.log", "a\n");
  const topic = "global:\n  TopicType: filepath\n  TopicFormat: /l/(.*)/a.log";
  await files.start("input_file", 'FilePaths: ["/l/*/a.log"]', topic);
  files.run();
  assert.deepEqual(files.values("__log_topic__"), ["shop"]);
});

Deno.test("service_docker_stdout reports all wrong patterns at once with their places", async () => {
  const world = new AgentWorld();
  await world.load({
    "x.yaml": "inputs:\n  - Type: service_docker_stdout\n    K8sPodRegex: '('\n    BeginLineRegex: '['\n" +
      "    IncludeEnv: {A: '^('}\n    IncludeLabel: {B: '^('}\n    ExcludeContainerLabel: {C: '^['}\n" +
      "flushers:\n  - Type: flusher_memory\n",
  });
  assert.deepEqual(world.problems.filter((problem) => !problem.startsWith("REGEX_SLOW")).toSorted(), [
    "CONFIG_REGEX inputs[0].BeginLineRegex",
    "CONFIG_REGEX inputs[0].K8sPodRegex",
    "REGEX_INVALID inputs[0].ExcludeContainerLabel.C",
    "REGEX_INVALID inputs[0].IncludeEnv.A",
    "REGEX_INVALID inputs[0].IncludeLabel.B",
  ]);
  assert.equal(world.loaded.pipelines, 0);
});

// covers: service_docker_stdout.MaxReadBytesPerSecond
Deno.test("service_docker_stdout reads each container no faster than MaxReadBytesPerSecond", async () => {
  const line = cri("x".repeat(100 - cri("").length));
  const world = new AgentWorld();
  for (const id of ["c1", "c2"]) world.files.append(logOf(id), line.repeat(1_000));
  world.discovery.publish(pod("c1"), pod("c2"));
  await world.start(TYPE, "MaxReadBytesPerSecond: 10000");
  world.run(2_000);
  const early = world.values().length;
  assert.ok(early > 350 && early < 850, `${early}`);
  world.run(10_000);
  assert.equal(world.values().length, 2_000);
});
