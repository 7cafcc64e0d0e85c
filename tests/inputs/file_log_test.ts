import assert from "node:assert/strict";
import { fileLog } from "../../src/inputs/file_log.ts";
import { AgentWorld } from "../support/agent_world.ts";
import { layered, mapOf, pod } from "./containers.ts";

const TYPE = "file_log";
const APP = "/host/var/log/app";

/** Files of the host with these contents, collected with `options` for `ms`. */
async function collect(files: Record<string, string | Uint8Array>, options: string, ms = 2_500) {
  const world = new AgentWorld();
  for (const [path, text] of Object.entries(files)) world.files.append(`/host${path}`, text);
  await world.start(TYPE, options);
  world.run(ms);
  return world;
}

/** The same, only the contents of the records, sorted. */
async function texts(files: Record<string, string>, options: string): Promise<string[]> {
  return (await collect(files, options)).values().map(String).sort();
}

/** Two containers with a file each that says which it is; which are collected. */
async function taken(options: string, ...containers: ReturnType<typeof pod>[]): Promise<string[]> {
  const world = new AgentWorld();
  for (const { id } of containers) world.files.append(`/host/layers/${id}/upper/log/a.log`, `${id}\n`);
  world.discovery.publish(...containers);
  await world.start(TYPE, `LogPath: /log\nFilePattern: a.log\n${options}`);
  world.run();
  return world.values().map(String).sort();
}

Deno.test("file_log gives the seed's tags in the seed's order for a host file", async () => {
  const world = await collect(
    { "/var/log/app/a.log": "one\n\ntwo\n" },
    "LogPath: /var/log/app\nFilePattern: a.log",
  );
  assert.deepEqual(
    world.records,
    [["one"], ["two"]].map(([text]) => [
      ["__tag__:__path__", "/var/log/app/a.log"],
      ["__tag__:__user_defined_id__", "default"],
      ["content", text],
    ]),
  );
});

// covers: file_log.LogPath, file_log.FilePattern
Deno.test("file_log finds files by folder and name, with wildcards", async () => {
  const files = {
    "/var/log/a/x.log": "ax\n",
    "/var/log/b/x.log": "bx\n",
    "/var/log/b/y.txt": "by\n",
    "/var/log/b/c/z.log": "cz\n",
    "/var/log/top.log": "top\n",
    "/var/log/b/{q}.log": "brace\n",
  };
  const find = (LogPath: string, FilePattern: string) =>
    texts(files, `LogPath: "${LogPath}"\nFilePattern: "${FilePattern}"`);
  assert.deepEqual(await find("/var/log/b", "x.log"), ["bx"]);
  assert.deepEqual(await find("/var/log/b/", "x.log"), ["bx"], "a trailing slash is dropped");
  assert.deepEqual(await find("/var//log/./a/../b", "x.log"), ["bx"], "cleaned");
  assert.deepEqual(await find("/var/log/*", "x.log"), ["ax", "bx"]);
  assert.deepEqual(await find("/var/log/?", "[xz].log"), ["ax", "bx"]);
  assert.deepEqual(await find("/var/log", "*"), ["top"]);
  assert.deepEqual(await find("/var/log/b", "{q}.log"), ["brace"], "braces are themselves");
  assert.deepEqual(await find("/var/log/**", "*.log"), ["ax", "brace", "bx", "cz", "top"]);
  assert.deepEqual(await find("/", "x.log"), []);
});

Deno.test("file_log reports paths that cannot be", async () => {
  const problems = async (options: string) => {
    const world = new AgentWorld();
    await world.load({
      "x.yaml": `inputs: [{Type: file_log, ${options}}]\nflushers: [{Type: flusher_memory}]\n`,
    });
    return world.problems;
  };
  assert.deepEqual(await problems("LogPath: log, FilePattern: a"), ["FILE_RELATIVE_PATH inputs[0].LogPath"]);
  assert.deepEqual(await problems("LogPath: /log, FilePattern: a/b"), [
    "FILE_PATTERN_SLASH inputs[0].FilePattern",
  ]);
  assert.deepEqual(await problems("LogPath: /a/**/b, FilePattern: a"), ["FILE_STARS inputs[0].LogPath"]);
  assert.deepEqual(await problems("LogPath: /a**, FilePattern: a"), ["FILE_STARS inputs[0].LogPath"]);
  assert.deepEqual(await problems("LogPath: '', FilePattern: ''"), [
    "CONFIG_BAD_VALUE inputs[0].LogPath",
    "CONFIG_BAD_VALUE inputs[0].FilePattern",
  ]);
  assert.deepEqual(await problems("LogPath: /a, FilePattern: a, DirBlackList: [b], FilepathBlackList: [c]"), [
    "FILE_RELATIVE_PATH inputs[0].DirBlackList[0]",
    "FILE_RELATIVE_PATH inputs[0].FilepathBlackList[0]",
  ]);
  assert.deepEqual(
    await problems("LogPath: /a, FilePattern: a, IncludeEnv: {A: b}, ExternalEnvTag: {A: b}"),
    [
      "FILE_NOT_IN_CONTAINER inputs[0].IncludeEnv",
      "FILE_NOT_IN_CONTAINER inputs[0].ExternalEnvTag",
    ],
  );
});

// covers: file_log.MaxDepth
Deno.test("file_log searches MaxDepth levels below LogPath", async () => {
  const files = { "/l/0.log": "0\n", "/l/a/1.log": "1\n", "/l/a/b/2.log": "2\n", "/l/a/b/c/3.log": "3\n" };
  const find = (folder: string, depth: string) =>
    texts(files, `LogPath: ${folder}\nFilePattern: "*.log"\n${depth}`);
  assert.deepEqual(await find("/l", ""), ["0"]);
  assert.deepEqual(await find("/l", "MaxDepth: 0"), ["0"]);
  assert.deepEqual(await find("/l", "MaxDepth: 2"), ["0", "1", "2"]);
  assert.deepEqual(await find("/l/**", ""), ["0", "1", "2", "3"]);
  assert.deepEqual(await find("/l/**", "MaxDepth: 0"), ["0"], "as written");
  assert.deepEqual(await find("/l/**", "MaxDepth: 1"), ["0", "1"]);
});

// covers: file_log.DirBlackList
Deno.test("file_log leaves folders out with everything below them", async () => {
  const files = { "/l/a/1.log": "a\n", "/l/a/b/2.log": "b\n", "/l/c/3.log": "c\n", "/l/4.log": "top\n" };
  const find = (excluded: string, LogPath = "/l") =>
    texts(files, `LogPath: ${LogPath}\nFilePattern: "*.log"\nMaxDepth: 9\nDirBlackList: [${excluded}]`);
  assert.deepEqual(await find("/l/a"), ["c", "top"]);
  assert.deepEqual(await find("/l/a/"), ["c", "top"]);
  assert.deepEqual(await find("/l/*"), ["top"]);
  assert.deepEqual(await find("/l/a/*"), ["a", "c", "top"]);
  assert.deepEqual(await find("/l/a", "/l/a/b"), [], "a folder above the searched one");
  assert.deepEqual(await find("/l/**/b"), ["a", "c", "top"]);
  const exact = "LogPath: /l/a/b\nFilePattern: 2.log\nDirBlackList: [/l/a]";
  assert.deepEqual(await texts(files, exact), [], "one exact path");
});

// covers: file_log.FilepathBlackList
Deno.test("file_log leaves files out by their path", async () => {
  const files = { "/l/a.log": "a\n", "/l/b.log": "b\n", "/l/c/a.log": "c\n" };
  const find = (excluded: string) =>
    texts(files, `LogPath: /l\nFilePattern: "*.log"\nMaxDepth: 1\nFilepathBlackList: [${excluded}]`);
  assert.deepEqual(await find("/l/a.log"), ["b", "c"]);
  assert.deepEqual(await find("/l/*.log"), ["c"]);
  assert.deepEqual(await texts(files, "LogPath: /l\nFilePattern: a.log\nFilepathBlackList: [/l/a.log]"), []);
});

// covers: file_log.DockerFile
Deno.test("file_log reads inside containers when DockerFile is on, by any of its names", async () => {
  for (
    const option of [
      "DockerFile: true",
      "ContainerFile: true",
      "EnableContainerDiscovery: true",
      "ContainerInfo: {}",
    ]
  ) {
    assert.deepEqual(await taken(option, layered("a"), layered("b")), ["a", "b"], option);
  }
  const world = new AgentWorld();
  world.files.append("/host/layers/a/upper/log/a.log", "inside\n");
  world.files.append("/host/log/a.log", "outside\n");
  world.discovery.publish(layered("a"));
  await world.start(TYPE, "LogPath: /log\nFilePattern: a.log");
  world.run();
  assert.deepEqual(world.values(), ["outside"], "off by default");
});

Deno.test("file_log gives a container's tags in the seed's order", async () => {
  const world = new AgentWorld();
  world.files.append("/host/layers/c1/upper/root/log/json.log", '{"a":1}\n');
  world.discovery.publish(pod("c1", { upperDir: "/layers/c1/upper" }));
  await world.start(
    TYPE,
    "LogPath: /root/log\nFilePattern: json.log\nDockerFile: true\nDockerIncludeLabel:\n" +
      "  io.kubernetes.container.name: nginx\nExternalEnvTag: {STAGE: stage, NONE: none}\n" +
      "ExternalK8sLabelTag: {app: app}\nTopicFormat: customized://orders\nEnableLogPositionMeta: true",
    "global: {Tags: {cluster: east}}",
  );
  world.run();
  const { inode } = world.files.stat("/host/layers/c1/upper/root/log/json.log")!;
  assert.deepEqual(world.records, [[
    ["__tag__:__path__", "/root/log/json.log"],
    ["__tag__:__user_defined_id__", "default"],
    ["__tag__:_container_ip_", "10.1.0.7"],
    ["__tag__:_image_name_", "docker.io/library/nginx:latest"],
    ["__tag__:_container_name_", "nginx"],
    ["__tag__:_pod_name_", "web-0"],
    ["__tag__:_namespace_", "shop"],
    ["__tag__:_pod_uid_", "uid-1"],
    ["__tag__:stage", "prod"],
    ["__tag__:none", ""],
    ["__tag__:app", "nginx"],
    ["__log_topic__", "orders"],
    ["__tag__:cluster", "east"],
    ["__tag__:__inode__", String(inode)],
    ["__tag__:__file_offset__", "0"],
    ["content", '{"a":1}'],
  ]]);
});

// covers: file_log.DockerIncludeLabel, file_log.IncludeContainerLabel, file_log.ContainerInfo.IncludeContainerLabel, file_log.ContainerInfo.IncludeLabel
// covers: file_log.DockerExcludeLabel, file_log.ExcludeContainerLabel, file_log.ContainerInfo.ExcludeContainerLabel, file_log.ContainerInfo.ExcludeLabel
Deno.test("file_log takes containers by their labels, by each name of the option", async () => {
  const a = layered("a", { labels: mapOf({ role: "web" }) });
  const b = layered("b", { labels: mapOf({ role: "db" }) });
  for (const rules of ["DockerIncludeLabel: {role: ^w}", "IncludeContainerLabel: {role: web}"]) {
    assert.deepEqual(await taken(`DockerFile: true\n${rules}`, a, b), ["a"], rules);
  }
  for (const rules of ["IncludeContainerLabel: {role: web}", "IncludeLabel: {role: web}"]) {
    assert.deepEqual(await taken(`ContainerInfo: {${rules}}`, a, b), ["a"], rules);
  }
  for (const rules of ["DockerExcludeLabel: {role: db}", "ExcludeContainerLabel: {role: db}"]) {
    assert.deepEqual(await taken(`DockerFile: true\n${rules}`, a, b), ["a"], rules);
  }
  for (const rules of ["ExcludeContainerLabel: {role: db}", "ExcludeLabel: {role: ^d}"]) {
    assert.deepEqual(await taken(`ContainerInfo: {${rules}}`, a, b), ["a"], rules);
  }
});

// covers: file_log.DockerIncludeEnv, file_log.IncludeEnv, file_log.ContainerInfo.IncludeEnv
// covers: file_log.DockerExcludeEnv, file_log.ExcludeEnv, file_log.ContainerInfo.ExcludeEnv
Deno.test("file_log takes containers by their environment, by each name of the option", async () => {
  const a = layered("a", { env: mapOf({ STAGE: "prod" }) });
  const b = layered("b", { env: mapOf({ STAGE: "test" }) });
  for (
    const rules of [
      "DockerFile: true\nDockerIncludeEnv: {STAGE: prod}",
      "DockerFile: true\nIncludeEnv: {STAGE: prod}",
      "ContainerInfo: {IncludeEnv: {STAGE: prod}}",
      "DockerFile: true\nDockerExcludeEnv: {STAGE: test}",
      "DockerFile: true\nExcludeEnv: {STAGE: test}",
      "ContainerInfo: {ExcludeEnv: {STAGE: ^t}}",
    ]
  ) assert.deepEqual(await taken(rules, a, b), ["a"], rules);
});

// covers: file_log.ContainerInfo.K8sNamespaceRegex, file_log.ContainerInfo.K8sPodRegex, file_log.ContainerInfo.K8sContainerRegex
// covers: file_log.ContainerInfo.IncludeK8sLabel, file_log.ContainerInfo.ExcludeK8sLabel
Deno.test("file_log takes containers by their Kubernetes names and labels", async () => {
  const a = pod("a", { upperDir: "/layers/a/upper" });
  const b = pod("b", {
    upperDir: "/layers/b/upper",
    namespace: "kube-system",
    podName: "dns-0",
    name: "coredns",
    podLabels: mapOf({ app: "dns" }),
  });
  for (
    const rules of [
      "K8sNamespaceRegex: ^shop$",
      "K8sPodRegex: web",
      "K8sContainerRegex: nginx",
      "IncludeK8sLabel: {app: nginx}",
      "ExcludeK8sLabel: {app: dns}",
    ]
  ) assert.deepEqual(await taken(`ContainerInfo:\n  ${rules}`, a, b), ["a"], rules);
});

// covers: file_log.ContainerInfo.ExternalEnvTag, file_log.ContainerInfo.ExternalK8sLabelTag, file_log.ExternalEnvTag, file_log.ExternalK8sLabelTag
Deno.test("file_log adds external tags from either place, and the container's own", async () => {
  const world = new AgentWorld();
  world.files.append("/host/layers/c1/upper/log/a.log", "a\n");
  const env = mapOf({ STAGE: "prod", aliyun_logs_x_tags: "team=red", loong_logs_y_tags: "solo" });
  world.discovery.publish(pod("c1", { upperDir: "/layers/c1/upper", env }));
  await world.start(
    TYPE,
    "LogPath: /log\nFilePattern: a.log\nExternalEnvTag: {STAGE: outer}\nExternalK8sLabelTag: {app: outer_app}\n" +
      "ContainerInfo: {ExternalEnvTag: {STAGE: inner, X: x}, ExternalK8sLabelTag: {nope: empty}}",
  );
  world.run();
  assert.deepEqual(world.records[0].slice(8, -1), [
    ["__tag__:inner", "prod"],
    ["__tag__:x", ""],
    ["__tag__:outer_app", "nginx"],
    ["__tag__:empty", ""],
    ["__tag__:team", "red"],
    ["__tag__:solo", "solo"],
  ]);
});

const UTF16 = (text: string) =>
  new Uint8Array([
    0xff,
    0xfe,
    ...[...text].flatMap((char) => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8]),
  ]);

// covers: file_log.FileEncoding
Deno.test("file_log reads utf8, gbk and utf16", async () => {
  const collected = async (bytes: string | Uint8Array, encoding: string) =>
    (await collect({ "/l/a.log": bytes }, `LogPath: /l\nFilePattern: a.log${encoding}`)).values();
  const gbk = new Uint8Array([0xd6, 0xd0, 0xce, 0xc4, 0x0a, 0x78, 0x0a]);
  assert.deepEqual(await collected("中文\nx\n", ""), ["中文", "x"]);
  assert.deepEqual(await collected(gbk, "\nFileEncoding: GBK"), ["中文", "x"]);
  assert.deepEqual(await collected(UTF16("中文\nx\n"), "\nFileEncoding: utf16"), ["中文", "x"]);
  assert.deepEqual(await collected(gbk, ""), ["\ufffd\ufffd\ufffd\ufffd", "x"], "invalid bytes");
});

// covers: file_log.TailSizeKB
Deno.test("file_log reads the last TailSizeKB of what was there before the first start", async () => {
  for (const [options, lines] of [["", 10_485], ["\nTailSizeKB: 1", 10], ["\nTailSizeKB: 0", 0]] as const) {
    const world = new AgentWorld();
    world.files.append(`${APP}/a.log`, (`${"x".repeat(99)}\n`).repeat(15_000));
    world.clock.advance(10_000);
    await world.start(TYPE, `LogPath: /var/log/app\nFilePattern: a.log${options}`);
    world.run();
    assert.equal(world.values().length, lines);
    world.files.append(`${APP}/a.log`, "new\n");
    world.run();
    assert.equal(world.values().at(-1), "new");
  }
});

Deno.test("file_log reads files whole that appear later, and old ones of a new pipeline when no limit is written", async () => {
  const old = `${"x".repeat(99)}\n`.repeat(15_000);
  const later = new AgentWorld();
  await later.start(TYPE, 'LogPath: /var/log/app\nFilePattern: "*.log"\nTailSizeKB: 1');
  later.run();
  later.files.append(`${APP}/b.log`, old);
  later.run();
  assert.equal(later.values().length, 15_000);

  for (const [options, lines] of [["", 15_000], ["\nTailSizeKB: 1", 10]] as const) {
    const world = new AgentWorld();
    world.store.birth = { kind: "known", bornMs: world.clock.wallMs() - 1_000_000 };
    world.files.append(`${APP}/a.log`, old);
    world.clock.advance(10_000);
    await world.start(TYPE, `LogPath: /var/log/app\nFilePattern: a.log${options}`);
    world.run();
    assert.equal(world.values().length, lines);
  }
});

// covers: file_log.FlushTimeoutSecs
Deno.test("file_log ends an unterminated last line after FlushTimeoutSecs, 60 by default", async () => {
  for (
    const [options, ms] of [["", 60_000], ["\nFlushTimeoutSecs: 3", 3_000], [
      "\nReaderFlushTimeout: 3",
      3_000,
    ]] as const
  ) {
    const world = await collect(
      { "/l/a.log": "open" },
      `LogPath: /l\nFilePattern: a.log${options}`,
      ms - 500,
    );
    assert.deepEqual(world.values(), []);
    world.run(1_000);
    assert.deepEqual(world.values(), ["open"]);
    world.files.append("/host/l/a.log", "\nnext\n");
    world.run();
    assert.deepEqual(world.values(), ["open", "next"], "the late newline is no line");
  }
});

// covers: file_log.MaxLogSize, file_log.OversizeRecord
Deno.test("file_log sends a record above MaxLogSize in numbered pieces, or cuts it", async () => {
  const files = { "/l/a.log": `${"x".repeat(2_500)}\nnext\n` };
  const path = "LogPath: /l\nFilePattern: a.log\nMaxLogSize: 1024";
  const split = await collect(files, path);
  assert.deepEqual(split.values().map((text) => text?.length), [1024, 1024, 452, 4]);
  assert.deepEqual(split.values("_split_"), ["1", "2", "3/3", undefined]);
  const cut = await collect(files, `${path}\nOversizeRecord: truncate`);
  assert.deepEqual(cut.values().map((text) => text?.length), [1024, 4]);
  assert.deepEqual(cut.values("_truncated_"), ["true", undefined]);
});

const LINES = "S1\n a\nE\nx\nS2\nE\n";

// covers: file_log.Multiline.StartPattern, file_log.Multiline.ContinuePattern, file_log.Multiline.EndPattern, file_log.Multiline.UnmatchedContentTreatment
Deno.test("file_log joins lines by patterns, each of which matches the whole line", async () => {
  const run = async (multiline: string) =>
    (await collect(
      { "/l/a.log": LINES },
      `LogPath: /l\nFilePattern: a.log\nFlushTimeoutSecs: 1\nMultiline: {${multiline}}`,
      5_000,
    )).values();
  assert.deepEqual(await run("StartPattern: 'S.'"), ["S1\n a\nE\nx", "S2\nE"]);
  assert.deepEqual(await run("StartPattern: S"), ["S1", " a", "E", "x", "S2", "E"]);
  assert.deepEqual(await run("StartPattern: 'S.', ContinuePattern: ' .*'"), ["S1\n a", "E", "x", "S2", "E"]);
  assert.deepEqual(await run("StartPattern: 'S.', EndPattern: E"), ["S1\n a\nE", "x", "S2\nE"]);
  assert.deepEqual(await run("StartPattern: 'S.', EndPattern: E, UnmatchedContentTreatment: discard"), [
    "S1\n a\nE",
    "S2\nE",
  ]);
  assert.deepEqual(await run("ContinuePattern: '[Sx ].*', EndPattern: E"), ["S1\n a\nE", "x\nS2\nE"]);
  assert.deepEqual(await run("EndPattern: E"), ["S1\n a\nE", "x\nS2\nE"]);
  assert.deepEqual(await run("ContinuePattern: a"), ["S1", " a", "E", "x", "S2", "E"]);
});

Deno.test("file_log keeps a second start line inside the record when StartPattern and EndPattern are given", async () => {
  const world = await collect(
    { "/l/a.log": "S1\n a\nS2\n b\nE\nx\n" },
    "LogPath: /l\nFilePattern: a.log\nFlushTimeoutSecs: 1\nMultiline: {StartPattern: 'S.', EndPattern: E}",
    5_000,
  );
  assert.deepEqual(world.values(), ["S1\n a\nS2\n b\nE", "x"]);
});

Deno.test("file_log needs a runtime when DockerFile or ContainerInfo is given", () => {
  const needs = (more: object) => fileLog.needs!({ DockerFile: false, ...more } as never);
  assert.deepEqual(needs({}), ["host_files"]);
  assert.deepEqual(needs({ DockerFile: true }), ["container_files"]);
  assert.deepEqual(needs({ ContainerInfo: {} }), ["container_files"]);
});

// covers: file_log.Multiline.Mode, file_log.Multiline.MaxWholeFileBytes
Deno.test("file_log takes JSON objects over lines, and whole files", async () => {
  const path = "LogPath: /l\nFilePattern: a.log\nFlushTimeoutSecs: 1";
  const object = '{\n "a": {"b": "}"}\n}\n{"c":1}\n';
  const json = await collect({ "/l/a.log": object }, `${path}\nMultiline: {Mode: JSON}`, 4_000);
  assert.deepEqual(json.values(), ['{\n "a": {"b": "}"}\n}', '{"c":1}']);
  const whole = await collect({ "/l/a.log": "a\n\nb\n" }, `${path}\nMultiline: {Mode: whole_file}`, 4_000);
  assert.deepEqual(whole.values(), ["a\n\nb"]);
  const large = `${"x".repeat(99)}\n`.repeat(40);
  const limited = `${path}\nMultiline: {Mode: whole_file, MaxWholeFileBytes: 1024}`;
  const parts = await collect({ "/l/a.log": large }, limited, 4_000);
  assert.equal(parts.values().map((text) => text ?? "").join("").replaceAll("\n", "").length, 99 * 40);
  assert.ok(parts.values().length > 3);
});

// covers: file_log.TopicFormat
Deno.test("file_log makes the topic of the path", async () => {
  const topic = async (format: string, path = "/l/shop/api.log.2") => {
    const world = await collect(
      { [path]: "a\n" },
      `LogPath: /l/shop\nFilePattern: "api*"\nTopicFormat: ${format}`,
    );
    return world.records[0].slice(2, -1);
  };
  for (const format of ["none", "default", "None", '""', "global_topic", "nothing/(.*)"]) {
    assert.deepEqual(await topic(format), [], format);
  }
  assert.deepEqual(await topic("customized://my topic"), [["__log_topic__", "my topic"]]);
  assert.deepEqual(await topic("/l/(\\w+)/api.log"), [["__log_topic__", "shop"]]);
  assert.deepEqual(await topic("/l/(\\w+)/(\\w+).log"), [
    ["__tag__:__topic_1__", "shop"],
    ["__tag__:__topic_2__", "api"],
    ["__log_topic__", "shop_api"],
  ]);
  assert.deepEqual(await topic("/l/(?P<team>\\w+)/(\\w+).log"), [
    ["__tag__:team", "shop"],
    ["__tag__:__topic_2__", "api"],
    ["__log_topic__", "shop_api"],
  ]);
  assert.deepEqual(await topic("shop/(\\w+)"), [], "the whole path must match");
});

// covers: file_log.EnableLogPositionMeta
Deno.test("file_log tells inode and offset when asked", async () => {
  const path = 'LogPath: /l\nFilePattern: a.log\nEnableLogPositionMeta: "true"';
  const world = await collect({ "/l/a.log": "one\n\ntwo\n" }, path);
  const inode = String(world.files.stat("/host/l/a.log")!.inode);
  assert.deepEqual(world.records.map((fields) => fields.slice(2)), [
    [["__tag__:__inode__", inode], ["__tag__:__file_offset__", "0"], ["content", "one"]],
    [["__tag__:__inode__", inode], ["__tag__:__file_offset__", "5"], ["content", "two"]],
  ]);
});

// covers: no-effect options
Deno.test("inputs accept options without a meaning here, and say so", async () => {
  const world = new AgentWorld();
  await world.start(
    TYPE,
    "LogPath: /log\nFilePattern: a.log\nPreserve: false\nForceMultiConfig: true\nDelaySkipBytes: 1\n" +
      "RotatorQueueSize: 10\nTailingAllMatchedFiles: true",
  );
  assert.deepEqual(world.problems, [
    "CONFIG_NO_EFFECT inputs[0].TailingAllMatchedFiles",
    "CONFIG_NO_EFFECT inputs[0].Preserve",
    "CONFIG_NO_EFFECT inputs[0].ForceMultiConfig",
    "CONFIG_NO_EFFECT inputs[0].DelaySkipBytes",
    "CONFIG_NO_EFFECT inputs[0].RotatorQueueSize",
  ]);
});

// covers: file_log.MaxReadBytesPerSecond
Deno.test("file_log reads no faster than MaxReadBytesPerSecond", async () => {
  const world = new AgentWorld();
  world.files.append(`${APP}/a.log`, `${"x".repeat(99)}\n`.repeat(1_000));
  await world.start(TYPE, "LogPath: /var/log/app\nFilePattern: a.log\nMaxReadBytesPerSecond: 10000");
  world.run(2_000);
  const early = world.values().length;
  assert.ok(early > 150 && early < 450, `${early}`);
  world.run(10_000);
  assert.equal(world.values().length, 1_000);
});
