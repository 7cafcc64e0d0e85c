/** /readyz, /healthz and /metrics of the real program: each condition is broken once. */
import assert from "node:assert/strict";
import { METRICS } from "../../src/telemetry/metric_list.ts";
import type { TestAgent } from "../support/agent.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { AgentBed } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("namespace"));

/** A pipeline that prints a file of the host. */
function printed(path: string): string {
  const cut = path.lastIndexOf("/");
  return `inputs:
  - Type: file_log
    LogPath: ${path.slice(0, cut)}
    FilePattern: ${path.slice(cut + 1)}
flushers:
  - Type: flusher_stdout
`;
}

async function ready(agent: TestAgent): Promise<string> {
  const body = await agent.get("/readyz").catch(() => "nobody answers");
  return body.trim();
}

test("readyz waits for the pipelines while another agent has the checkpoint folder", async () => {
  const first = await bed.agent({ pipelines: {} });
  const second = await bed.prepared({
    pipelines: {},
    checkpointDir: first.checkpointDir,
    flags: ["--lock-timeout=60s"],
  });
  await second.start();
  await waitFor("the second agent's page", async () => await second.httpStatus("/readyz") !== 0);
  assert.equal(await second.httpStatus("/readyz"), 503);
  assert.match(await ready(second), /the pipelines are not loaded yet/);
  assert.equal(await second.httpStatus("/healthz"), 200);
  assert.equal(await first.stop(), 0);
  await second.waitReady();
});

test("readyz is good without any pipeline, which is said", async () => {
  const agent = await bed.agent({ pipelines: {} });
  assert.equal(await ready(agent), "ok");
  assert.equal(agent.logged("No pipeline runs, so nothing is collected").length, 1);
});

test("readyz fails when every pipeline file has errors, and not when one of them runs", async () => {
  const broken = "inputs: []\nflushers: []\n";
  const agent = await bed.prepared({ pipelines: { broken } });
  await agent.start();
  await waitFor(
    "the answer",
    async () => (await ready(agent)).includes("every file in the config folder has errors"),
  );
  assert.equal(await agent.httpStatus("/readyz"), 503);
  assert.equal(await agent.httpStatus("/healthz"), 200);
  assert.equal(await agent.stop(), 0);
  agent.writePipelines({ broken, good: printed("/var/log/none.log") });
  await agent.start();
  await agent.waitReady();
  assert.equal(await agent.stop(), 0);
});

test("readyz waits for a runtime whose socket hangs, and is good once the socket is gone", async () => {
  const namespace = await bed.namespace();
  const socket = "/run/docker.sock";
  const server = Deno.listen({ transport: "unix", path: namespace.outside(socket) });
  const held: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of server) held.push(connection);
  })().catch(() => {});
  try {
    const agent = await bed.prepared({ pipelines: {} });
    await agent.start();
    await waitFor("a call to the runtime", () => held.length > 0);
    await sleep(1_000);
    assert.equal(await agent.httpStatus("/readyz"), 503);
    assert.match(await ready(agent), /no container runtime has given its first list yet/);
    assert.equal(await agent.httpStatus("/healthz"), 200);
    server.close();
    for (const connection of held) connection.close();
    Deno.removeSync(namespace.outside(socket));
    await agent.waitReady();
  } finally {
    try {
      server.close();
    } catch {
      // Closed above.
    }
    await accepting;
  }
});

test("readyz fails while the checkpoint cannot be written, and says why", async () => {
  const namespace = await bed.namespace();
  const checkpointDir = `${namespace.folder}/small-disk`;
  await namespace.mustRun(["mkdir", "-p", checkpointDir]);
  await namespace.mustRun(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", checkpointDir]);
  const log = namespace.outside("/var/log/checkpoint.log");
  Deno.writeTextFileSync(log, "");
  const agent = await bed.agent({
    pipelines: { file: printed("/var/log/checkpoint.log") },
    checkpointDir,
  });
  // As much as fits; `dd` ends with an error when the disk is full.
  await namespace.run(["dd", "if=/dev/zero", `of=${checkpointDir}/filler`, "bs=4k"]);
  const write = setInterval(() => Deno.writeTextFileSync(log, "a line\n", { append: true }), 20);
  try {
    await waitFor("a refused save", async () => await agent.httpStatus("/readyz") === 503);
    assert.match(await ready(agent), /the checkpoint cannot be written: /);
    assert.equal(await agent.httpStatus("/healthz"), 200, "a full disk is no reason to restart");
    assert.ok(await agent.metric("denotail_checkpoint_failures_total") > 0);
    await namespace.mustRun(["rm", `${checkpointDir}/filler`]);
    await agent.waitReady();
  } finally {
    clearInterval(write);
  }
});

test("readyz and healthz are good while the broker is down", async () => {
  const namespace = await bed.namespace();
  Deno.writeTextFileSync(namespace.outside("/var/log/waiting.log"), "a line\n");
  const pipeline = printed("/var/log/waiting.log")
    .replace("flusher_stdout", 'flusher_kafka_v2\n    Brokers: ["127.0.0.1:1"]\n    Topic: t');
  const agent = await bed.agent({ pipelines: { kafka: pipeline } });
  await waitFor("the warning", () => agent.logged("Kafka cluster cannot be reached").length > 0);
  assert.equal(await ready(agent), "ok");
  assert.equal(await agent.httpStatus("/healthz"), 200);
  await waitFor("the backlog", async () => await agent.metric("denotail_backlog_bytes") === 7);
});

test("healthz fails after the event loop stood still for 10 s", async () => {
  const agent = await bed.agent({ pipelines: {} });
  agent.signal("SIGSTOP");
  await sleep(11_500);
  assert.equal(
    await agent.httpStatus("/healthz", 2_000),
    0,
    "nobody answers meanwhile, which counts as failed",
  );
  agent.signal("SIGCONT");
  assert.equal(await agent.httpStatus("/healthz"), 503);
  assert.match(await agent.get("/healthz"), /^the event loop stood still for \d\d s\n$/);
  assert.equal(await agent.httpStatus("/readyz"), 200);
});

test("metrics are in Prometheus' form and each of them is on the reference page", async () => {
  const namespace = await bed.namespace();
  const lines = 1000;
  Deno.writeTextFileSync(namespace.outside("/var/log/counted.log"), "a line\n".repeat(lines));
  const agent = await bed.agent({ pipelines: { file: printed("/var/log/counted.log") } });
  await waitFor("the lines", async () => await agent.metric("denotail_read_records_total") === lines);
  assert.equal(await agent.metric("denotail_read_bytes_total"), lines * 7);
  const out = () => agent.metric("denotail_pipeline_records_out_total", { pipeline: "file" });
  await waitFor("the same lines behind the pipeline", async () => await out() === lines);
  const answer = await fetch(`http://127.0.0.1:${agent.metricsPort}/metrics`);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  assertExposition(text);
  const entries = new Map(METRICS.map((entry) => [entry.name, entry]));
  for (const { name, labels } of await agent.metrics()) {
    assert.deepEqual(
      Object.keys(labels).sort(),
      [...entries.get(name)?.labels ?? ["not listed"]].sort(),
      name,
    );
  }
});

/** Each line is a comment or a sample; HELP and TYPE stand before the samples of their name. */
function assertExposition(text: string): void {
  assert.ok(text.endsWith("\n"));
  let name = "";
  let helped = "";
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const help = /^# HELP (\w+) \S.*$/.exec(line);
    const type = /^# TYPE (\w+) (counter|gauge)$/.exec(line);
    const sample =
      /^(\w+)(\{\w+="(?:[^"\\]|\\.)*"(?:,\w+="(?:[^"\\]|\\.)*")*\})? -?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.exec(
        line,
      );
    if (help !== null) helped = help[1];
    else if (type !== null) {
      name = type[1];
      assert.equal(helped, name, `HELP stands before TYPE of '${name}'`);
    } else assert.equal(sample?.[1], name, line);
  }
}
