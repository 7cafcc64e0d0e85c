import assert from "node:assert/strict";
import { type HostKit, makeAgent } from "../../src/cli/make_agent.ts";
import { VERSION } from "../../src/cli/version.ts";
import { type CliOptions, type FlagTexts, readCliOptions } from "../../src/cli/options.ts";
import { EVENT_WRITERS, type EventWriters } from "../../src/core/event_writer.ts";
import type { HttpPages } from "../../src/core/http.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { MemoryCheckpointFolder } from "../support/memory_checkpoint.ts";
import { MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

const PIPELINE = `inputs:
  - Type: file_log
    LogPath: /logs
    FilePattern: "*.log"
flushers:
  - Type: flusher_stdout
`;

class TestFiles extends MemoryFiles {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

class TestFolder extends MemoryCheckpointFolder {
  unlocks = 0;
  override unlock(): void {
    this.unlocks++;
  }
}

/** A machine in memory whose parts a test may look at. */
class Machine {
  readonly clock = new VirtualClock();
  readonly files = new TestFiles(this.clock);
  readonly folder = new TestFolder();
  out = "";
  err = "";
  pages: HttpPages | null = null;
  closedListener = false;
  stdoutClosed = () => {};
  reject: (reason: unknown) => void = () => {};
  readonly variables: Record<string, string> = {};
  readonly givenBack: string[] = [];

  readonly kit: HostKit = {
    clock: this.clock,
    random: () => 0.5,
    env: (name) => this.variables[name],
    granted: () => true,
    giveBack: (kinds) => this.givenBack.push(...kinds),
    pid: 7,
    parentPid: 1,
    hostName: () => "node-1",
    process: { rssBytes: () => 1, cpuSeconds: () => 0, collectGarbage: () => {} },
    files: () => this.files,
    runtimes: {
      docker: () => assert.fail("no Docker here"),
      cri: () => assert.fail("no CRI here"),
    },
    addresses: () => [],
    checkpointFolder: () => this.folder,
    writeLog: (text) => this.err += text,
    listen: (_address, pages) => {
      this.pages = pages;
      return { close: () => (this.closedListener = true, Promise.resolve()) };
    },
    startWorker: () => assert.fail("no worker was asked for"),
    flushers: (_log, stdoutClosed) => {
      this.stdoutClosed = stdoutClosed;
      const writers: EventWriters = {
        stdout: () => ({
          write: (bytes) => (this.out += new TextDecoder().decode(bytes), Promise.resolve(bytes.length)),
          sync: () => Promise.resolve(),
          close: () => {},
        }),
        file: () => assert.fail("no file is written"),
      };
      return { [EVENT_WRITERS]: writers, kafka: { checkPem: () => null }, codecs: {} };
    },
    onRejection: (handle) => this.reject = handle,
  };

  options(more: Partial<CliOptions> = {}, flags: FlagTexts = {}): CliOptions {
    const { options } = readCliOptions({ hostRoot: "/", configDir: "/conf", ...flags }, {
      env: this.kit.env,
      isFolder: () => false,
    });
    return { ...options, ...more };
  }

  make(more: Partial<CliOptions> = {}, purpose: "run" | "validate" = "run") {
    return makeAgent(this.options(more), purpose, this.kit, PLUGINS);
  }

  async page(path: string): Promise<{ status: number; body: string }> {
    assert.ok(this.pages !== null, "somebody listens");
    return await this.pages("GET", path);
  }
}

Deno.test("makeAgent runs pipelines, is ready, and closes all it opened when it stops", async () => {
  const machine = new Machine();
  machine.files.write("/conf/a.yaml", PIPELINE);
  machine.files.write("/logs/app.log", "one line\n");
  const agent = await machine.make();
  assert.equal((await machine.page("/readyz")).status, 503, "not before the pipelines are loaded");
  assert.deepEqual((await agent.load()).problems, []);
  agent.start();
  await machine.clock.run(2_000);
  assert.equal(JSON.parse(machine.out).Contents.at(-1).Value, "one line");
  assert.deepEqual(await machine.page("/readyz").then(({ status, body }) => [status, body]), [200, "ok\n"]);
  const stopped = agent.stop();
  await machine.clock.run(1_000);
  assert.equal(await stopped, "clean");
  assert.equal(machine.folder.unlocks, 1);
  assert.equal(machine.files.closed, true);
  assert.equal(machine.closedListener, true);
  assert.equal(machine.files.openCount, 0);
  assert.equal(machine.clock.pending, 0, "no timer is left");
});

Deno.test("makeAgent gives permissions back when pipelines run, sys only with an address of the node", async () => {
  for (const [address, kinds] of [["10.0.0.1", ["env", "sys"]], ["", ["env"]]] as const) {
    const machine = new Machine();
    const agent = await machine.make({ nodeIp: address });
    await agent.load();
    assert.deepEqual(machine.givenBack, [], "pipelines may still ask for variables");
    agent.start();
    assert.deepEqual(machine.givenBack, kinds);
    await agent.stop();
  }
});

Deno.test("makeAgent has the variables that become tags when it may ask for none any more", async () => {
  const machine = new Machine();
  machine.variables.POD_NAME = "web-1";
  machine.files.write("/conf/a.yaml", PIPELINE);
  const agent = await machine.make({ envTags: ["POD_NAME"] });
  await agent.load();
  agent.start();
  delete machine.variables.POD_NAME;
  machine.files.write("/logs/app.log", "one line\n");
  await machine.clock.run(2_000);
  assert.match(machine.out, /"__tag__:POD_NAME","Value":"web-1"/);
  const stopped = agent.stop();
  await machine.clock.run(1_000);
  await stopped;
});

Deno.test("makeAgent opens nothing to validate", async () => {
  const machine = new Machine();
  machine.files.write("/conf/a.yaml", PIPELINE);
  machine.folder.missing = true;
  const agent = await machine.make({}, "validate");
  assert.deepEqual((await agent.load()).problems, []);
  assert.equal(machine.pages, null);
});

Deno.test("makeAgent gives the lock back when the store cannot be opened", async () => {
  const machine = new Machine();
  machine.folder.missing = true;
  await assert.rejects(machine.make(), { code: "CHECKPOINT_FOLDER" });
  assert.equal(machine.folder.unlocks, 1);
});

Deno.test("makeAgent saves nothing with --checkpoint=memory", async () => {
  const machine = new Machine();
  machine.folder.missing = true;
  await machine.make({ checkpointDir: null });
});

Deno.test("makeAgent keeps secrets of pipelines out of the log", async () => {
  const machine = new Machine();
  machine.variables.PASSWORD = "hunter2-hunter2";
  machine.files.write(
    "/conf/kafka.yaml",
    PIPELINE.replace(
      "flusher_stdout",
      `flusher_kafka_v2
    Brokers: ["127.0.0.1:1"]
    Topic: t
    Authentication:
      SASL:
        Username: me
        Password: \${PASSWORD}
        SaslMechanism: PLAIN`,
    ),
  );
  const agent = await machine.make();
  await agent.load();
  machine.reject(new Error("login with hunter2-hunter2 failed"));
  assert.match(machine.err, /login with \*\*\* failed/);
});

Deno.test("makeAgent counts promises that nobody waits for", async () => {
  const machine = new Machine();
  await machine.make();
  machine.reject(new Error("lost"));
  assert.match((await machine.page("/metrics")).body, /^denotail_unowned_rejections_total 1$/m);
});

Deno.test("makeAgent says its version in the metrics", async () => {
  const machine = new Machine();
  await machine.make();
  const wanted = `denotail_build_info{version="${VERSION}"} 1`;
  assert.ok((await machine.page("/metrics")).body.split("\n").includes(wanted));
});

Deno.test("makeAgent sums up held-back log lines each minute", async () => {
  const machine = new Machine();
  const agent = await machine.make();
  await agent.load();
  agent.start();
  for (let i = 0; i < 15; i++) machine.reject(new Error("lost"));
  await machine.clock.run(130_000);
  assert.match(machine.err, /"message":"A promise was rejected with nobody waiting","held_back":5/);
  const stopped = agent.stop();
  await machine.clock.run(1_000);
  await stopped;
});

Deno.test("makeAgent says that no pipeline runs, and is ready all the same", async () => {
  const machine = new Machine();
  machine.files.folder("/conf");
  const agent = await machine.make();
  assert.deepEqual((await agent.load()).problems, []);
  agent.start();
  await machine.clock.run(1_000);
  assert.match(machine.err, /"message":"No pipeline runs, so nothing is collected","folder":"\/conf"/);
  assert.equal((await machine.page("/readyz")).status, 200);
});

Deno.test("makeAgent tells people what start does, and ends when nobody reads its output", async () => {
  const machine = new Machine();
  machine.files.write("/logs/app.log", "one line\n");
  const agent = await machine.make({ embedded: { "a.yaml": PIPELINE }, reports: true, metrics: null });
  await agent.load();
  agent.start();
  await machine.clock.run(3_000);
  assert.match(machine.err, /^denotail collects the logs[\s\S]*1 file of the host followed[\s\S]*1 record/);
  assert.doesNotMatch(machine.err, /Agent started/);
  let over = false;
  agent.over.then(() => over = true);
  await machine.clock.run(1_000);
  assert.equal(over, false);
  machine.stdoutClosed();
  await machine.clock.run(0);
  assert.equal(over, true);
  const stopped = agent.stop();
  await machine.clock.run(1_000);
  await stopped;
  assert.match(machine.err, /denotail ends: 1 record \(9 B\) read, all of it acknowledged/);
});

Deno.test("makeAgent goes on under run when nobody reads standard output", async () => {
  const machine = new Machine();
  const agent = await machine.make();
  let over = false;
  agent.over.then(() => over = true);
  machine.stdoutClosed();
  await machine.clock.run(1_000);
  assert.equal(over, false);
});
