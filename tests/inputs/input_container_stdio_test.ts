import assert from "node:assert/strict";
import { AgentWorld } from "../support/agent_world.ts";
import { cri, logOf, mapOf, pod, TIME } from "./containers.ts";

const TYPE = "input_container_stdio";

/** One container with these lines, followed for `ms`. */
async function collect(options: string, lines: string, ms = 1_500): Promise<AgentWorld> {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), lines);
  world.discovery.publish(pod());
  await world.start(TYPE, options);
  world.run(ms);
  return world;
}

/** Which of the containers are collected by these filters; each writes its id. */
async function taken(filters: string, ...containers: ReturnType<typeof pod>[]): Promise<string[]> {
  const world = new AgentWorld();
  for (const { id } of containers) world.files.append(logOf(id), cri(id));
  world.discovery.publish(...containers);
  await world.start(TYPE, `ContainerFilters:\n  ${filters}`);
  world.run();
  return world.values().map(String).sort();
}

// covers: input_container_stdio.IgnoringStdout, input_container_stdio.IgnoringStderr
Deno.test("input_container_stdio takes the streams that are not ignored", async () => {
  const lines = cri("out") + cri("err", "stderr");
  assert.deepEqual((await collect("", lines)).values(), ["out", "err"]);
  assert.deepEqual((await collect("IgnoringStdout: true", lines)).values(), ["err"]);
  assert.deepEqual((await collect("IgnoringStderr: true", lines)).values(), ["out"]);
  const world = new AgentWorld();
  await world.load({
    "x.yaml": `inputs: [{Type: ${TYPE}, IgnoringStdout: true, IgnoringStderr: true}]\n` +
      "flushers: [{Type: flusher_memory}]\n",
  });
  assert.deepEqual(world.problems, ["STDIO_NO_STREAM inputs[0].IgnoringStderr"]);
});

Deno.test("input_container_stdio gives records of the 1.x form", async () => {
  assert.deepEqual((await collect("", cri("out"))).records, [[
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
});

// covers: input_container_stdio.ContainerFilters.K8sNamespaceRegex, input_container_stdio.ContainerFilters.K8sPodRegex, input_container_stdio.ContainerFilters.K8sContainerRegex
// covers: input_container_stdio.ContainerFilters.IncludeK8sLabel, input_container_stdio.ContainerFilters.ExcludeK8sLabel
// covers: input_container_stdio.ContainerFilters.IncludeContainerLabel, input_container_stdio.ContainerFilters.ExcludeContainerLabel
// covers: input_container_stdio.ContainerFilters.IncludeEnv, input_container_stdio.ContainerFilters.ExcludeEnv
Deno.test("input_container_stdio takes the containers that each of its filters takes", async () => {
  const a = pod("a");
  const b = pod("b", {
    namespace: "kube-system",
    podName: "dns-0",
    name: "coredns",
    podLabels: mapOf({ app: "dns" }),
    labels: mapOf({ role: "infra" }),
    env: mapOf({ STAGE: "test" }),
  });
  for (
    const filters of [
      "K8sNamespaceRegex: ^shop$",
      "K8sPodRegex: web",
      "K8sContainerRegex: ngin",
      "IncludeK8sLabel: {app: nginx}",
      "ExcludeK8sLabel: {app: ^d}",
      "IncludeContainerLabel: {io.kubernetes.container.name: nginx}",
      'ExcludeContainerLabel: {role: ""}',
      "IncludeEnv: {STAGE: prod}",
      "ExcludeEnv: {STAGE: test}",
    ]
  ) assert.deepEqual(await taken(filters, a, b), ["a"], filters);
});

// covers: input_container_stdio.ExternalEnvTag, input_container_stdio.ExternalK8sLabelTag
Deno.test("input_container_stdio adds external fields", async () => {
  const world = await collect("ExternalEnvTag: {STAGE: stage}\nExternalK8sLabelTag: {none: x}", cri("a"));
  assert.deepEqual(world.records[0].slice(9), [["stage", "prod"], ["x", ""]]);
});

// covers: input_container_stdio.TailSizeKB
Deno.test("input_container_stdio reads the last TailSizeKB of what was there before the first start", async () => {
  const line = cri("x".repeat(100 - cri("").length));
  for (const [options, lines] of [["", 10_485], ["TailSizeKB: 1", 10], ["TailSizeKB: 0", 0]] as const) {
    const world = new AgentWorld();
    world.files.append(logOf("c1"), line.repeat(15_000));
    world.clock.advance(10_000);
    world.discovery.publish(pod());
    await world.start(TYPE, options);
    world.run();
    assert.equal(world.values().length, lines);
  }
});

const LINES = ["S1", " a", "E", "x", "S2", "E"].map((line) => cri(line)).join("");

// covers: input_container_stdio.Multiline.StartPattern, input_container_stdio.Multiline.ContinuePattern, input_container_stdio.Multiline.EndPattern
Deno.test("input_container_stdio joins lines by its patterns, each of which matches the whole line", async () => {
  const run = async (multiline: string) =>
    (await collect(`Multiline: {${multiline}}\nFlushTimeoutSecs: 1`, LINES, 5_000)).values();
  assert.deepEqual(await run("StartPattern: 'S.'"), ["S1\n a\nE\nx", "S2\nE"]);
  assert.deepEqual(await run("StartPattern: S"), ["S1", " a", "E", "x", "S2", "E"], "the whole line");
  assert.deepEqual(await run("StartPattern: 'S.', ContinuePattern: ' .*'"), ["S1\n a", "E", "x", "S2", "E"]);
  assert.deepEqual(await run("StartPattern: 'S.', EndPattern: E"), ["S1\n a\nE", "x", "S2\nE"]);
  assert.deepEqual(await run("EndPattern: E"), ["S1\n a\nE", "x\nS2\nE"]);
});

// covers: input_container_stdio.Multiline.UnmatchedContentTreatment
Deno.test("input_container_stdio discards lines of no record when told", async () => {
  const options =
    "Multiline: {StartPattern: 'S.', EndPattern: E, UnmatchedContentTreatment: discard}\nFlushTimeoutSecs: 1";
  assert.deepEqual((await collect(options, LINES, 5_000)).values(), ["S1\n a\nE", "S2\nE"]);
});

// covers: input_container_stdio.Multiline.Mode
Deno.test("input_container_stdio joins a JSON object over lines", async () => {
  const lines = ["{", '  "a": "}"', "}", '{"b":1}'].map((line) => cri(line)).join("");
  const world = await collect("Multiline: {Mode: json}\nFlushTimeoutSecs: 1", lines, 5_000);
  assert.deepEqual(world.values(), ['{\n  "a": "}"\n}', '{"b":1}']);
});

// covers: input_container_stdio.FlushTimeoutSecs
Deno.test("input_container_stdio ends an open record after FlushTimeoutSecs, 60 by default", async () => {
  for (const [options, ms] of [["", 60_000], ["\nFlushTimeoutSecs: 2", 2_000]] as const) {
    const world = await collect(`Multiline: {StartPattern: S}${options}`, cri("S") + cri("a"), ms - 500);
    assert.deepEqual(world.values(), []);
    world.run(1_000);
    assert.deepEqual(world.values(), ["S\na"]);
  }
});

// covers: input_container_stdio.MaxLogSize, input_container_stdio.OversizeRecord
Deno.test("input_container_stdio splits or cuts a record above MaxLogSize", async () => {
  const lines = cri("x".repeat(2_500));
  const split = await collect("MaxLogSize: 1024", lines);
  assert.deepEqual(split.values("_split_"), ["1", "2", "3/3"]);
  const cut = await collect("MaxLogSize: 1024\nOversizeRecord: Truncate", lines);
  assert.deepEqual(cut.values().map((text) => text?.length), [1024]);
});

// covers: input_container_stdio.Tags.K8sNamespaceTagKey, input_container_stdio.Tags.K8sPodNameTagKey, input_container_stdio.Tags.K8sPodUidTagKey
// covers: input_container_stdio.Tags.ContainerNameTagKey, input_container_stdio.Tags.ContainerIpTagKey, input_container_stdio.Tags.ContainerImageNameTagKey
Deno.test("input_container_stdio renames and removes fields", async () => {
  const world = await collect(
    "Tags:\n  K8sNamespaceTagKey: ns\n  K8sPodNameTagKey: pod\n  K8sPodUidTagKey: ''\n" +
      "  ContainerNameTagKey: __default__\n  ContainerIpTagKey: ip\n  ContainerImageNameTagKey: image",
    cri("a"),
  );
  assert.deepEqual(world.keys, [
    "content",
    "_time_",
    "_source_",
    "image",
    "_container_name_",
    "pod",
    "ns",
    "ip",
  ]);
});

// covers: input_container_stdio.Tags.FilePathTagKey, input_container_stdio.Tags.FileInodeTagKey
Deno.test("input_container_stdio tells the log file and its inode when asked", async () => {
  const world = await collect("Tags: {FilePathTagKey: __default__, FileInodeTagKey: inode}", cri("a"));
  const { inode } = world.files.stat(logOf("c1"))!;
  assert.deepEqual(world.records[0].slice(9), [["__path__", "/logs/c1.log"], ["inode", String(inode)]]);
  const none = await collect("Tags: {FilePathTagKey: '', FileInodeTagKey: ''}", cri("a"));
  assert.equal(none.records[0].length, 9);
});

// covers: input_container_stdio.MaxReadBytesPerSecond
Deno.test("input_container_stdio reads a container no faster than MaxReadBytesPerSecond", async () => {
  const line = cri("x".repeat(100 - cri("").length));
  const world = await collect("MaxReadBytesPerSecond: 10000", line.repeat(1_000), 2_000);
  const early = world.values().length;
  assert.ok(early > 150 && early < 450, `${early}`);
  world.run(10_000);
  assert.equal(world.values().length, 1_000);
});
