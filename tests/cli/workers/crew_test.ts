import assert from "node:assert/strict";
import { type HostKit, makeAgent } from "../../../src/cli/make_agent.ts";
import { type CliOptions, readCliOptions } from "../../../src/cli/options.ts";
import type { RunnableAgent } from "../../../src/cli/world.ts";
import { runWorker } from "../../../src/cli/workers/agent_worker.ts";
import type { FromWorker, ToWorker } from "../../../src/cli/workers/messages.ts";
import { EVENT_WRITERS, type EventWriters } from "../../../src/core/event_writer.ts";
import type { HttpPages } from "../../../src/core/http.ts";
import { shardOf } from "../../../src/core/shard.ts";
import type { WorkerThread } from "../../../src/core/worker_thread.ts";
import { PLUGINS } from "../../../src/plugins.ts";
import { MemoryCheckpointFolder } from "../../support/memory_checkpoint.ts";
import { MemoryFiles, VirtualClock } from "../../support/virtual_host.ts";

const STEMS = ["a", "b", "c", "d", "e", "f"];

const pipeline = (stem: string) =>
  `inputs:
  - Type: file_log
    LogPath: /logs
    FilePattern: "${stem}*.log"
flushers:
  - Type: flusher_stdout
`;

/** A thread that runs in this one, with clones of messages that come a moment later. */
class NearThread implements WorkerThread<ToWorker, FromWorker> {
  #toMain: (message: FromWorker, answer: (text: string) => void) => void = () => {};
  #toWorker: (message: ToWorker) => void = () => {};
  fail: (reason: string) => void = () => {};
  ended = false;
  /** Messages do not come through any more. */
  deaf = false;

  constructor(kit: HostKit) {
    runWorker(
      {
        post: (message) => this.#carry(message, (clone) => this.#toMain(clone, () => {})),
        ask: (message) => {
          let answered: string | null = null;
          this.#toMain(structuredClone(message), (text) => answered = text);
          return answered ?? assert.fail("the worker would wait for ever");
        },
        onMessage: (handle) => this.#toWorker = handle,
      },
      kit,
      PLUGINS,
    );
  }

  #carry<T>(message: T, to: (clone: T) => void): void {
    const clone = structuredClone(message);
    queueMicrotask(() => this.ended || this.deaf || to(clone));
  }

  post(message: ToWorker): void {
    this.#carry(message, (clone) => this.#toWorker(clone));
  }

  onMessage(handle: (message: FromWorker, answer: (text: string) => void) => void): void {
    this.#toMain = handle;
  }

  onFailure(handle: (reason: string) => void): void {
    this.fail = handle;
  }

  terminate(): void {
    this.ended = true;
  }
}

class Machine {
  readonly clock = new VirtualClock();
  readonly files = Object.assign(new MemoryFiles(this.clock), { close: () => {} });
  readonly folder = new MemoryCheckpointFolder();
  readonly threads: NearThread[] = [];
  out = "";
  err = "";
  pages: HttpPages | null = null;
  readonly kit: HostKit = this.#kit(false);

  constructor() {
    for (const stem of STEMS) {
      this.files.write(`/conf/${stem}.yaml`, pipeline(stem));
      this.files.write(`/logs/${stem}.log`, `first of ${stem}\n`);
    }
  }

  #kit(isWorker: boolean): HostKit {
    const writers: EventWriters = {
      stdout: () => ({
        write: (bytes) => (this.out += new TextDecoder().decode(bytes), Promise.resolve(bytes.length)),
        sync: () => Promise.resolve(),
        close: () => {},
      }),
      file: () => assert.fail("no file is written"),
    };
    return {
      clock: this.clock,
      random: () => 0.5,
      env: () => undefined,
      granted: () => true,
      giveBack: () => {},
      pid: 7,
      parentPid: 1,
      hostName: () => "node-1",
      process: { rssBytes: () => 1, cpuSeconds: () => 0, collectGarbage: () => {} },
      files: () => this.files,
      runtimes: { docker: () => assert.fail("no Docker here"), cri: () => assert.fail("no CRI here") },
      addresses: () => [],
      checkpointFolder: () => isWorker ? assert.fail("the checkpoint is the main thread's") : this.folder,
      writeLog: (text) => isWorker ? assert.fail("the log is the main thread's") : this.err += text,
      listen: (_address, pages) => {
        this.pages = pages;
        return { close: () => Promise.resolve() };
      },
      startWorker: () => {
        const thread = new NearThread(this.#kit(true));
        this.threads.push(thread);
        return thread;
      },
      flushers: () => ({
        [EVENT_WRITERS]: isWorker ? {} : writers,
        kafka: { checkPem: () => null },
        codecs: {},
      }),
      onRejection: () => {},
    };
  }

  async start(workers: number, more: Partial<CliOptions> = {}): Promise<RunnableAgent> {
    const { options } = readCliOptions({ hostRoot: "/", configDir: "/conf" }, {
      env: () => undefined,
      isFolder: () => false,
    });
    const agent = await makeAgent({ ...options, workers, ...more }, "run", this.kit, PLUGINS);
    assert.deepEqual((await agent.load()).problems, []);
    agent.start();
    await this.clock.run(2_000);
    return agent;
  }

  async stop(agent: RunnableAgent): Promise<"clean" | "deadline"> {
    const stopped = agent.stop();
    await this.clock.run(1_000);
    return await stopped;
  }

  /** Texts that came since the last call, in order. */
  came(): string[] {
    const lines = this.out.split("\n").filter((line) => line !== "");
    this.out = "";
    return lines.map((line) => JSON.parse(line).Contents.at(-1).Value);
  }

  logged(message: string): Record<string, unknown>[] {
    return this.err.split("\n").filter((line) => line.includes(`"${message}"`)).map((line) =>
      JSON.parse(line)
    );
  }

  async page(path: string): Promise<string> {
    return (await this.pages!("GET", path)).body;
  }
}

Deno.test("Crew reads every file in one worker, and goes on where it was under another number of workers", async () => {
  const machine = new Machine();
  const parts = (count: number) =>
    new Set(STEMS.map((stem) => shardOf({ origin: "host", pipeline: stem, input: "file_log#0" }, count)))
      .size;
  assert.deepEqual([parts(2), parts(3)], [2, 3], "each worker has something to do");
  let turn = 0;
  for (const workers of [2, 0, 3, 1, 2]) {
    turn++;
    for (const stem of STEMS) machine.files.append(`/logs/${stem}.log`, `${turn} of ${stem}\n`);
    const agent = await machine.start(workers);
    const expected = STEMS.flatMap((
      stem,
    ) => [...turn === 1 ? [`first of ${stem}`] : [], `${turn} of ${stem}`]);
    const came = machine.came();
    assert.deepEqual(came.toSorted(), expected.toSorted());
    if (turn === 1) {
      for (const stem of STEMS) assert.ok(came.indexOf(`first of ${stem}`) < came.indexOf(`1 of ${stem}`));
    }
    assert.equal(machine.threads.length, [2, 2, 5, 5, 7][turn - 1], "threads so far");
    assert.equal(await machine.stop(agent), "clean");
    assert.equal(machine.clock.pending, 0, "no timer is left");
    assert.equal(machine.files.openCount, 0);
    assert.ok(machine.threads.every(({ ended }) => ended));
  }
  const said = machine.logged("Agent started");
  assert.deepEqual(said.map(({ workers }) => workers), [2, undefined, 3, undefined, 2]);
  assert.equal(machine.logged("Agent stopped").length, 5);
});

Deno.test("Crew answers for all workers: ready, healthy, and the sum of their metrics", async () => {
  const machine = new Machine();
  const agent = await machine.start(3);
  assert.equal(await machine.page("/readyz"), "ok\n");
  assert.equal(await machine.page("/healthz"), "ok\n");
  const metrics = await machine.page("/metrics");
  assert.match(metrics, /^denotail_open_files 6$/m);
  assert.match(metrics, /^denotail_read_records_total 6$/m);
  assert.match(metrics, /^denotail_build_info\{version="[^"]+"\} 1$/m);
  assert.match(metrics, /^denotail_pipeline_records_out_total\{pipeline="a"\} 1$/m);
  // A worker whose loop stands still tells nothing.
  machine.threads[1].deaf = true;
  await machine.clock.run(15_000);
  assert.match(await machine.page("/healthz"), /event loop stood still/);
  machine.threads[1].deaf = false;
  await machine.clock.run(2_000);
  assert.equal(await machine.page("/healthz"), "ok\n");
  await machine.stop(agent);
});

Deno.test("Crew is not ready while the disk refuses, and saves later what was posted meanwhile", async () => {
  const machine = new Machine();
  const agent = await machine.start(2);
  machine.came();
  machine.folder.full = true;
  machine.files.append("/logs/a.log", "more\n");
  await machine.clock.run(3_000);
  assert.deepEqual(machine.came(), ["more"]);
  assert.match(await machine.page("/readyz"), /checkpoint cannot be written/);
  machine.folder.full = false;
  await machine.clock.run(2_000);
  assert.equal(await machine.page("/readyz"), "ok\n");
  await machine.stop(agent);
  const again = await machine.start(3);
  assert.deepEqual(machine.came(), []);
  await machine.stop(again);
});

Deno.test("Crew ends the agent when a worker dies", async () => {
  const machine = new Machine();
  const agent = await machine.start(2);
  machine.threads[1].fail("Uncaught Error: out of order");
  await assert.rejects(agent.over, /Worker 1 ended: Uncaught Error: out of order/);
  assert.equal(machine.logged("A worker ended, so the agent ends; nothing is lost").length, 1);
});

Deno.test("Crew does not load when a worker cannot", async () => {
  const machine = new Machine();
  const { startWorker } = machine.kit;
  const kit: HostKit = {
    ...machine.kit,
    startWorker: () => {
      const thread = startWorker() as NearThread;
      queueMicrotask(() => thread.fail("Module not found"));
      return thread;
    },
  };
  const { options } = readCliOptions({ hostRoot: "/", configDir: "/conf" }, {
    env: () => undefined,
    isFolder: () => false,
  });
  const agent = await makeAgent({ ...options, workers: 2 }, "run", kit, PLUGINS);
  await assert.rejects(agent.load(), /Worker 0 ended: Module not found/);
});

Deno.test("Crew does not wait for ever for a worker that does not stop", async () => {
  const machine = new Machine();
  const agent = await machine.start(2, { stopTimeoutMs: 3_000 });
  machine.threads[0].deaf = true;
  const stopped = agent.stop();
  await machine.clock.run(9_000);
  assert.equal(await stopped, "deadline");
  assert.ok(machine.threads.every(({ ended }) => ended));
});

Deno.test("Crew tells people at a terminal what all workers found", async () => {
  const machine = new Machine();
  const agent = await machine.start(2, { reports: true, logFormat: "text" });
  await machine.clock.run(5_000);
  assert.match(machine.err, /6 files of the host followed/);
  assert.match(machine.err, /6 records \(\d+ B\) read/);
  await machine.stop(agent);
  assert.match(machine.err, /denotail ends: 6 records .* all of it acknowledged/);
});
