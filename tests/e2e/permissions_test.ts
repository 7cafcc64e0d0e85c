/**
 * What happens without a permission: each left out one by one. With `deno run`, where it is one flag less, and with
 * compiled binaries, where it is a path or an address that was not baked in.
 */
import assert from "node:assert/strict";
import type { AgentOptions, TestAgent } from "../support/agent.ts";
import { canCompile, compiled } from "../support/compiled.ts";
import { tags } from "../support/images.ts";
import { freePorts, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { AgentBed, filePipeline, stdoutPipeline } from "./agent_bed.ts";

const ready = await need("docker");
const bed = new AgentBed();
const test = bed.tests(ready);
const testBinary = new AgentBed(() => compiled()).tests(ready && canCompile());

const printing = "inputs:\n  - Type: service_docker_stdout\nflushers:\n  - Type: flusher_stdout\n";

type Given = Omit<AgentOptions, "namespace" | "pipelines"> & { pipeline?: string };

async function prepared({ pipeline = printing, ...given }: Given): Promise<TestAgent> {
  return await bed.prepared({ ...given, pipelines: { one: pipeline } });
}

/** A pipeline that has something to send to a broker. */
async function pipelineWithData(): Promise<string> {
  Deno.writeTextFileSync((await bed.namespace()).outside("/var/log/data.log"), "a line\n");
  return filePipeline("/var/log", "data.log", "127.0.0.1:19092", "topic");
}

/** It ends by itself, and says what is missing in its own words. */
async function assertRefused(agent: TestAgent, what: string, suffers: string): Promise<void> {
  await agent.start();
  assert.equal(await agent.ended(), 1, agent.logText);
  assertSays(agent, `error PERMISSION_MISSING  ${what}`, suffers);
  assert.match(agent.logText, /1 error; nothing was started\n$/);
}

function assertSays(agent: TestAgent, ...texts: string[]): void {
  for (const text of texts) {
    assert.ok(agent.logText.includes(text), `'${text}' is missing in:\n${agent.logText}`);
  }
  assert.doesNotMatch(agent.logText, /NotCapable|^\s+at /m);
}

/** It works all the same. */
async function assertGoesOn(agent: TestAgent, ...texts: string[]): Promise<void> {
  await agent.start();
  await waitFor("the words about the permission", () => texts.every((text) => agent.logText.includes(text)))
    .catch(() => {});
  assertSays(agent, ...texts);
  assert.ok(agent.alive);
  assert.equal(await agent.stop(), 0);
}

test("run names the folder and ends when it may not read or write what it cannot do without", async () => {
  const cases: [string, (agent: TestAgent) => string, string][] = [
    ["read", (agent) => agent.configDir, "may not read the config folder, so no pipeline can be loaded"],
    [
      "read",
      (agent) => agent.checkpointDir,
      "may not read the checkpoint folder, so progress cannot be saved",
    ],
    [
      "write",
      (agent) => agent.checkpointDir,
      "may not write to the checkpoint folder, so progress cannot be saved",
    ],
    [
      "read",
      (agent) => agent.hostRoot,
      "may not read the host root, so neither logs nor containers are seen",
    ],
  ];
  for (const [kind, path, suffers] of cases) {
    const agent = await prepared({ without: (agent) => [`${kind} ${path(agent)}`] });
    await assertRefused(agent, `${kind} ${path(agent)}`, suffers);
  }
});

test("run goes on and says what suffers when it may not ask for variables, names or sockets", async () => {
  await bed.docker();
  const sockets = (agent: TestAgent) =>
    ["", agent.hostRoot].flatMap((root) =>
      ["/run", "/var/run"].map((folder) => `write ${root}${folder}/docker.sock`)
    );
  await assertGoesOn(
    await prepared({ without: sockets }),
    "warning PERMISSION_MISSING  write /run/docker.sock",
    "so the runtime behind it is not asked for containers",
    "No permission to use the socket",
  );
  await assertGoesOn(
    await prepared({ without: () => ["env"] }),
    "warning PERMISSION_MISSING  env DENOTAIL_CONFIG_DIR",
    "settings in them do not count",
  );
  await assertGoesOn(
    await prepared({ without: () => ["sys"] }),
    "warning PERMISSION_MISSING  sys hostname",
    "warning PERMISSION_MISSING  sys networkInterfaces",
    "Name it with --node-ip",
  );
});

test("run says which address it may not serve or dial when net is left out", async () => {
  const agent = await prepared({ without: () => ["net"], pipeline: await pipelineWithData() });
  await assertGoesOn(
    agent,
    `warning PERMISSION_MISSING  net 127.0.0.1:${agent.metricsPort}`,
    "so metrics and health are not served",
    "The program may not dial '127.0.0.1:19092'",
  );
});

test("run names what a pipeline refers to and the program may not read", async () => {
  const pipeline = stdoutPipeline("${BROKER_OF_MINE:127.0.0.1:19092}", "${file:/etc/hostname}");
  await assertGoesOn(
    await prepared({ pipeline, net: ["127.0.0.1:19092"] }),
    "The program may not ask for the environment variable 'BROKER_OF_MINE'",
    "grant it at the build with --env=BROKER_OF_MINE",
    "The program may not read the file '/etc/hostname'",
    "Put it below /etc/denotail",
  );
});

/** A container that says a word is found and read. */
async function assertReads(agent: TestAgent): Promise<void> {
  const docker = await bed.docker();
  const id = await docker.run({
    name: `says-${crypto.randomUUID()}`,
    image: tags.busybox,
    cmd: ["echo", "a word"],
  });
  await agent.start();
  await waitFor("the word", () => agent.output.includes("a word")).catch(() => assert.fail(agent.logText));
  assert.equal(await agent.stop(), 0);
  await docker.remove(id);
}

test("run finds containers of Docker when net is a list, and is refused other brokers", async () => {
  const net = [`127.0.0.1:${freePorts(1)[0]}`];
  await assertReads(await prepared({ net, flags: ["--metrics=off"] }));
  const pipeline = await pipelineWithData();
  await assertGoesOn(
    await prepared({ net, pipeline, flags: ["--metrics=off"] }),
    "The program may not dial '127.0.0.1:19092'",
  );
});

testBinary("the binary refuses folders that were not baked in, and names them", async () => {
  const program = await compiled();
  for (
    const [flag, what, suffers] of [
      ["--config-dir=/etc/ssl", "read /etc/ssl", "so no pipeline can be loaded"],
      ["--host-root=/usr", "read /usr", "so neither logs nor containers are seen"],
    ]
  ) {
    const agent = await prepared({ program, flags: [flag] });
    await assertRefused(agent, what, suffers);
  }
  const agent = await prepared({ program, flags: ["--checkpoint=/logtail_host/tmp"] });
  // The host root may be read, and nothing there be written.
  await assertRefused(agent, "write /logtail_host/tmp", "so progress cannot be saved");
});

testBinary("the binary with a list of addresses finds containers, and refuses other brokers", async () => {
  const program = await compiled(["--profile", "daemonset", "--net=127.0.0.1:1"]);
  await assertReads(await prepared({ program, flags: ["--metrics=off"] }));
  const pipeline = await pipelineWithData();
  const agent = await prepared({ program, pipeline });
  await assertGoesOn(
    agent,
    `warning PERMISSION_MISSING  net 127.0.0.1:${agent.metricsPort}`,
    "The program may not dial '127.0.0.1:19092'",
  );
});
