import assert from "node:assert/strict";
import { AgentWorld } from "../support/agent_world.ts";
import { layered, mapOf, pod } from "./containers.ts";

const TYPE = "input_file";

async function collect(files: Record<string, string | Uint8Array>, options: string, ms = 2_500) {
  const world = new AgentWorld();
  for (const [path, text] of Object.entries(files)) world.files.append(`/host${path}`, text);
  await world.start(TYPE, options);
  world.run(ms);
  return world;
}

async function texts(files: Record<string, string>, options: string): Promise<string[]> {
  return (await collect(files, options)).values().map(String).sort();
}

async function problems(options: string): Promise<string[]> {
  const world = new AgentWorld();
  await world.load({
    "x.yaml": `inputs: [{Type: input_file, ${options}}]\nflushers: [{Type: flusher_memory}]\n`,
  });
  return world.problems;
}

const TREE = {
  "/l/0.log": "0\n",
  "/l/a/1.log": "1\n",
  "/l/a/b/2.log": "2\n",
  "/l/a/b/2.txt": "t\n",
  "/m/3.log": "3\n",
};

// covers: input_file.FilePaths
Deno.test("input_file finds files by their paths", async () => {
  assert.deepEqual(await texts(TREE, "FilePaths: [/l/a/1.log]"), ["1"]);
  assert.deepEqual(await texts(TREE, 'FilePaths: ["/l/*/*.log"]'), ["1"]);
  assert.deepEqual(await texts(TREE, 'FilePaths: ["/l/**/*.log", /m/3.log]'), ["0", "1", "2", "3"]);
  assert.deepEqual(await texts(TREE, 'FilePaths: ["/m//./x/../3.log"]'), ["3"]);
  const world = await collect(TREE, "FilePaths: [/m/3.log]");
  assert.deepEqual(world.records, [[
    ["__tag__:__path__", "/m/3.log"],
    ["__tag__:__user_defined_id__", "default"],
    ["content", "3"],
  ]]);
});

Deno.test("input_file reads a file once when two of its paths name it", async () => {
  assert.deepEqual(await texts(TREE, 'FilePaths: ["/l/**/*.log", /l/a/1.log, "/l/a/*"]'), ["0", "1", "2"]);
  assert.deepEqual(await texts(TREE, 'FilePaths: [/l/a/1.log, "/l/a/*.log"]'), ["1"]);
});

Deno.test("input_file goes on where it was when a path is added in front of the others", async () => {
  const world = new AgentWorld();
  const pipeline = (paths: string) => ({
    "x.yaml": `inputs: [{Type: input_file, FilePaths: [${paths}]}]\nflushers: [{Type: flusher_memory}]\n`,
  });
  world.files.append("/host/l/a.log", "a\n");
  world.files.append("/host/l/b.log", "b\n");
  await world.load(pipeline("/l/a.log"));
  world.agent.start();
  world.run();
  await world.agent.stop();
  world.files.append("/host/l/a.log", "more\n");
  await world.load(pipeline("/l/b.log, /l/a.log"));
  world.agent.start();
  world.run();
  assert.deepEqual(world.values().toSorted(), ["a", "b", "more"]);
});

Deno.test("input_file reports paths that cannot be", async () => {
  assert.deepEqual(await problems("FilePaths: [log/a.log, /log/, /log/**, /a/**/b/c.log, /ok/a.log]"), [
    "FILE_RELATIVE_PATH inputs[0].FilePaths[0]",
    "FILE_NO_NAME inputs[0].FilePaths[1]",
    "FILE_NO_NAME inputs[0].FilePaths[2]",
    "FILE_STARS inputs[0].FilePaths[3]",
  ]);
  assert.deepEqual(await problems("FilePaths: []"), ["CONFIG_EMPTY_LIST inputs[0].FilePaths"]);
  assert.deepEqual(await problems("FilePaths: [/a], ExcludeDirs: [b], ExcludeFiles: [c/d]"), [
    "FILE_RELATIVE_PATH inputs[0].ExcludeDirs[0]",
    "FILE_PATTERN_SLASH inputs[0].ExcludeFiles[0]",
  ]);
  assert.deepEqual(
    await problems("FilePaths: [/a], ContainerFilters: {K8sPodRegex: a}, ExternalEnvTag: {A: a}"),
    ["FILE_NOT_IN_CONTAINER inputs[0].ContainerFilters", "FILE_NOT_IN_CONTAINER inputs[0].ExternalEnvTag"],
  );
});

// covers: input_file.MaxDirSearchDepth
Deno.test("input_file searches MaxDirSearchDepth levels for **, and none without", async () => {
  const find = (path: string, depth: string) => texts(TREE, `FilePaths: ["${path}"]\n${depth}`);
  assert.deepEqual(await find("/l/**/*.log", "MaxDirSearchDepth: 1"), ["0", "1"]);
  assert.deepEqual(await find("/l/**/*.log", "MaxDirSearchDepth: 0"), ["0"]);
  assert.deepEqual(await find("/l/*.log", "MaxDirSearchDepth: 5"), ["0"]);
});

// covers: input_file.ExcludeDirs, input_file.ExcludeFilePaths, input_file.ExcludeFiles
Deno.test("input_file leaves out folders, files by path, and files by name", async () => {
  const find = (exclude: string) => texts(TREE, `FilePaths: ["/l/**/*"]\n${exclude}`);
  assert.deepEqual(await find(""), ["0", "1", "2", "t"]);
  assert.deepEqual(await find("ExcludeDirs: [/l/a]"), ["0"]);
  assert.deepEqual(await find("ExcludeFilePaths: [/l/a/b/2.log]"), ["0", "1", "t"]);
  assert.deepEqual(await find('ExcludeFiles: ["*.txt", "1.*"]'), ["0", "2"]);
  assert.deepEqual(await texts(TREE, "FilePaths: [/l/a/1.log]\nExcludeFiles: [1.log]"), []);
});

/** Which of the containers are collected; each has a file that says which it is. */
async function taken(options: string, ...containers: ReturnType<typeof pod>[]): Promise<string[]> {
  const world = new AgentWorld();
  for (const { id } of containers) world.files.append(`/host/layers/${id}/upper/log/a.log`, `${id}\n`);
  world.discovery.publish(...containers);
  await world.start(TYPE, `FilePaths: [/log/a.log]\n${options}`);
  world.run();
  return world.values().map(String).sort();
}

// covers: input_file.EnableContainerDiscovery
Deno.test("input_file reads inside all containers when discovery is on", async () => {
  assert.deepEqual(await taken("EnableContainerDiscovery: true", layered("a"), layered("b")), ["a", "b"]);
  assert.deepEqual(await taken("", layered("a")), []);
});

// covers: input_file.ContainerFilters.*
Deno.test("input_file takes the containers that each of its filters takes", async () => {
  const a = pod("a", { upperDir: "/layers/a/upper" });
  const b = pod("b", {
    upperDir: "/layers/b/upper",
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
  ) {
    const options = `EnableContainerDiscovery: true\nContainerFilters:\n  ${filters}`;
    assert.deepEqual(await taken(options, a, b), ["a"], filters);
  }
});

/** One container with one file of one line. */
async function inContainer(options: string): Promise<AgentWorld> {
  const world = new AgentWorld();
  world.files.append("/host/layers/c1/upper/log/a.log", "a\nb\n");
  world.discovery.publish(pod("c1", { upperDir: "/layers/c1/upper" }));
  await world.start(TYPE, `FilePaths: [/log/a.log]\nEnableContainerDiscovery: true\n${options}`);
  world.run();
  return world;
}

// covers: input_file.ExternalEnvTag, input_file.ExternalK8sLabelTag
Deno.test("input_file adds external tags", async () => {
  const world = await inContainer("ExternalEnvTag: {STAGE: stage}\nExternalK8sLabelTag: {none: x}");
  assert.deepEqual(world.records[0].slice(8, -1), [["__tag__:stage", "prod"], ["__tag__:x", ""]]);
});

// covers: input_file.Tags.FilePathTagKey, input_file.Tags.K8sNamespaceTagKey, input_file.Tags.K8sPodNameTagKey, input_file.Tags.K8sPodUidTagKey
// covers: input_file.Tags.ContainerNameTagKey, input_file.Tags.ContainerIpTagKey, input_file.Tags.ContainerImageNameTagKey
Deno.test("input_file renames and removes tags", async () => {
  const world = await inContainer(
    "Tags:\n  FilePathTagKey: file\n  K8sNamespaceTagKey: ns\n  K8sPodNameTagKey: pod\n  K8sPodUidTagKey: ''\n" +
      "  ContainerNameTagKey: __default__\n  ContainerIpTagKey: ''\n  ContainerImageNameTagKey: image",
  );
  assert.deepEqual(world.keys, [
    "__tag__:file",
    "__tag__:__user_defined_id__",
    "__tag__:image",
    "__tag__:_container_name_",
    "__tag__:pod",
    "__tag__:ns",
    "content",
  ]);
});

// covers: input_file.AppendingLogPositionMeta, input_file.FileOffsetKey, input_file.Tags.FileInodeTagKey
Deno.test("input_file tells inode and offset under the names that are asked for", async () => {
  const position = async (options: string) => {
    const world = await collect({ "/l/a.log": "a\nb\n" }, `FilePaths: [/l/a.log]\n${options}`);
    return world.records[1].slice(2, -1).map(([key, value]) => `${key}=${value.length > 0 ? "set" : ""}`);
  };
  assert.deepEqual(await position(""), []);
  const both = ["__tag__:__inode__=set", "__tag__:__file_offset__=set"];
  assert.deepEqual(await position("AppendingLogPositionMeta: true"), both);
  assert.deepEqual(await position("EnableLogPositionMeta: true"), both);
  assert.deepEqual(await position("FileOffsetKey: offset"), ["offset=set"]);
  assert.deepEqual(await position("FileOffsetKey: __default__"), ["__tag__:__file_offset__=set"]);
  assert.deepEqual(await position("FileOffsetKey: ''\nAppendingLogPositionMeta: true"), [
    "__tag__:__inode__=set",
  ]);
  assert.deepEqual(await position("Tags: {FileInodeTagKey: ino}"), ["__tag__:ino=set"]);
  assert.deepEqual(await position("Tags: {FileInodeTagKey: __default__}"), ["__tag__:__inode__=set"]);
  assert.deepEqual(await position("Tags: {FileInodeTagKey: ''}\nAppendingLogPositionMeta: true"), [
    "__tag__:__file_offset__=set",
  ]);
  const world = await collect({ "/l/a.log": "a\nb\n" }, "FilePaths: [/l/a.log]\nFileOffsetKey: offset");
  assert.deepEqual(world.values("offset"), ["0", "2"]);
});

// covers: input_file.FileEncoding
Deno.test("input_file reads gbk", async () => {
  const gbk = new Uint8Array([0xd6, 0xd0, 0x0a]);
  const world = await collect({ "/l/a.log": gbk }, "FilePaths: [/l/a.log]\nFileEncoding: gbk");
  assert.deepEqual(world.values(), ["中"]);
  assert.deepEqual(await problems("FilePaths: [/a], FileEncoding: latin1"), [
    "CONFIG_BAD_VALUE inputs[0].FileEncoding",
  ]);
});

// covers: input_file.TailSizeKB
Deno.test("input_file reads the last TailSizeKB of what was there before the first start", async () => {
  for (const [options, lines] of [["", 10_485], ["\nTailSizeKB: 1", 10]] as const) {
    const world = await collect(
      { "/l/a.log": `${"x".repeat(99)}\n`.repeat(15_000) },
      `FilePaths: [/l/a.log]${options}`,
    );
    assert.equal(world.values().length, lines);
  }
});

// covers: input_file.FlushTimeoutSecs
Deno.test("input_file ends an unterminated last line after FlushTimeoutSecs", async () => {
  const world = await collect({ "/l/a.log": "open" }, "FilePaths: [/l/a.log]\nFlushTimeoutSecs: 3", 2_500);
  assert.deepEqual(world.values(), []);
  world.run(1_000);
  assert.deepEqual(world.values(), ["open"]);
});

// covers: input_file.MaxLogSize, input_file.OversizeRecord
Deno.test("input_file splits or cuts a record above MaxLogSize", async () => {
  const files = { "/l/a.log": `${"x".repeat(2_500)}\n` };
  const split = await collect(files, "FilePaths: [/l/a.log]\nMaxLogSize: 1024");
  assert.deepEqual(split.values("_split_"), ["1", "2", "3/3"]);
  const cut = await collect(files, "FilePaths: [/l/a.log]\nMaxLogSize: 1024\nOversizeRecord: truncate");
  assert.deepEqual(cut.values().map((text) => text?.length), [1024]);
});

// covers: input_file.Multiline.*
Deno.test("input_file joins lines by pattern, by JSON and to whole files", async () => {
  const run = async (text: string, multiline: string) =>
    (await collect(
      { "/l/a.log": text },
      `FilePaths: [/l/a.log]\nFlushTimeoutSecs: 1\nMultiline: {${multiline}}`,
      4_000,
    ))
      .values();
  assert.deepEqual(await run("S1\n a\nE\nx\nS2\nE\n", "StartPattern: 'S.', EndPattern: E"), [
    "S1\n a\nE",
    "x",
    "S2\nE",
  ]);
  const discard = "StartPattern: 'S.', ContinuePattern: ' .*', UnmatchedContentTreatment: discard";
  assert.deepEqual(await run("S1\n a\nE\nx\n", discard), ["S1\n a"]);
  assert.deepEqual(await run('{\n"a":1}\n', "Mode: JSON"), ['{\n"a":1}']);
  assert.deepEqual(await run("a\nb\n", "Mode: whole_file, MaxWholeFileBytes: 2048, FileWriteMode: append"), [
    "a\nb",
  ]);
});

// covers: input_file.TopicFormat
Deno.test("input_file makes the topic of the path", async () => {
  const world = await collect(
    { "/l/shop/a.log": "a\n" },
    'FilePaths: ["/l/*/a.log"]\nTopicFormat: /l/(.*)/a.log',
  );
  assert.deepEqual(world.records[0][2], ["__log_topic__", "shop"]);
});

// covers: input_file.MaxReadBytesPerSecond
Deno.test("input_file reads all files of an input together no faster than MaxReadBytesPerSecond", async () => {
  const lines = `${"x".repeat(99)}\n`.repeat(500);
  const paths = "FilePaths: [/l/a.log, /l/b.log]";
  const world = await collect(
    { "/l/a.log": lines, "/l/b.log": lines },
    `${paths}\nMaxReadBytesPerSecond: 10000`,
    2_000,
  );
  const early = world.values().length;
  assert.ok(early > 150 && early < 450, `${early}`);
  world.run(10_000);
  assert.equal(world.values().length, 1_000);
  assert.deepEqual(await problems("FilePaths: [/a], MaxReadBytesPerSecond: 0"), [
    "CONFIG_BAD_VALUE inputs[0].MaxReadBytesPerSecond",
  ]);
});
