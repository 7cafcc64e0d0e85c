import assert from "node:assert/strict";
import { examine } from "../../../src/cli/doctor/examine.ts";
import { printFindings } from "../../../src/cli/doctor/print_findings.ts";
import type { HostKit } from "../../../src/cli/make_agent.ts";
import { type FlagTexts, readCliOptions } from "../../../src/cli/options.ts";

import { EVENT_WRITERS } from "../../../src/core/event_writer.ts";
import type { DockerClient } from "../../../src/core/runtime.ts";
import { PLUGINS } from "../../../src/plugins.ts";
import { FakeKafka } from "../../support/fake_kafka.ts";
import { MemoryCheckpointFolder } from "../../support/memory_checkpoint.ts";
import { type DockerFixture, fixture } from "../../support/runtime_fixtures.ts";
import { VirtualClock } from "../../support/virtual_host.ts";
import { TestMachine } from "./test_machine.ts";

const PIPELINE = `inputs:
  - Type: service_docker_stdout
flushers:
  - Type: flusher_kafka_v2
    Brokers: ["127.0.0.1:9092"]
    Topic: logs
`;

/** A machine on which all is well, with what a test may break. */
class Bed {
  readonly clock = new VirtualClock();
  readonly on = new TestMachine();
  readonly folder = new MemoryCheckpointFolder();
  readonly kafka = new FakeKafka();
  /** What Docker answers to a question for its list. */
  list: DockerClient["list"] = () => Promise.resolve([]);

  inspect: (id: string) => ReturnType<DockerClient["inspect"]> = () => Promise.resolve(null);

  constructor() {
    this.on.files.write("/conf/web.yaml", PIPELINE);
    this.on.files.fifo("/run/docker.sock");
    this.kafka.topics.set("logs", [1]);
  }

  async table(flags: FlagTexts = {}): Promise<string> {
    const { options } = readCliOptions({ ...this.on.flags, nodeName: "n", nodeIp: "10.0.0.1", ...flags }, {
      env: () => undefined,
      isFolder: () => false,
    });
    const over = examine(options, this.#kit(), PLUGINS);
    await this.clock.run(10_000);
    const table = printFindings(await over);
    assert.equal(this.clock.pending, 0, "no timer is left");
    return table;
  }

  #kit(): HostKit {
    const { clock, on, kafka } = this;
    const docker = (socket: string): DockerClient => ({
      kind: "docker",
      socket,
      list: (signal) => this.list(signal),
      inspect: (id) => this.inspect(id),
      imageTags: () => Promise.resolve([]),
      watch: () => Promise.resolve("unsupported"),
      close: () => {},
    });
    return {
      clock,
      random: () => 0.5,
      env: () => undefined,
      pid: 1,
      parentPid: 0,
      hostName: () => "n",
      process: { rssBytes: () => on.rssBytes, cpuSeconds: () => 0, collectGarbage: () => {} },
      files: () => Object.assign(on.files, { close: () => {} }),
      runtimes: { docker, cri: () => assert.fail("no CRI here") },
      addresses: () => [],
      granted: () => true,
      giveBack: () => assert.fail("nothing is given back"),
      checkpointFolder: () => this.folder,
      writeLog: () => assert.fail("nothing is logged"),
      listen: () => assert.fail("nobody listens"),
      startWorker: () => assert.fail("no worker was asked for"),
      flushers: () => ({
        kafka: { open: () => kafka, checkPem: () => null },
        codecs: { auto: ["none"], load: () => Promise.resolve(null) },
        [EVENT_WRITERS]: {},
      }),
      onRejection: () => {},
    };
  }
}

Deno.test("examine finds that all is well, and changes nothing", async () => {
  const bed = new Bed();
  assert.equal(
    await bed.table(),
    `check        state    found
config       ok       1 file in '/conf', 1 pipeline
host root    ok       '/logtail_host'
propagation  ok       slave: later mounts of the host are seen
rights       ok       user '0', may read files of every user
runtime      ok       Docker at '/run/docker.sock' answers: 0 running containers
checkpoint   ok       '/checkpoint' can be written
grants       ok       the program may do what the options need
limits       ok       no limit of CPU, no limit of memory
destination  ok       broker '127.0.0.1:9092' answers, takes records in version 7
destination  ok       topic 'logs' has 1 partition

all is well
`,
  );
  assert.deepEqual([bed.folder.writes, bed.folder.holder, bed.folder.rows], [0, null, null]);
});

Deno.test("examine does not wait for a runtime that hangs, and names all faults at once", async () => {
  const bed = new Bed();
  bed.list = () => new Promise(() => {});
  bed.kafka.reachable = false;
  bed.folder.missing = true;
  bed.on.files.write("/conf/broken.yaml", "inputs: [\n");
  const rows = (await bed.table({ memLimitMb: "64" })).split("\n").filter((line) => /^\w/.test(line));
  assert.deepEqual(rows.map((line) => line.slice(0, 22).trim().replace(/ +/g, " ")), [
    "check state",
    "config wrong",
    "host root ok",
    "propagation ok",
    "rights ok",
    "runtime wrong",
    "checkpoint wrong",
    "grants ok",
    "limits warning",
    "destination wrong",
    "4 wrong, 1 warning",
  ]);
  assert.ok(bed.clock.monotonicMs() <= 10_000);
});

Deno.test("examine names a log file of a container that cannot be read", async () => {
  const bed = new Bed();
  const { ids, list, inspects } = fixture<DockerFixture>("docker_20_10");
  bed.list = () => Promise.resolve(list.filter(({ Id }) => Id === ids.member));
  bed.inspect = (id) => Promise.resolve(id === ids.member ? inspects.member : null);
  const table = await bed.table();
  assert.match(table, /^log files {4}wrong {4}0 of 1 log file .* missing, for instance: '\/logtail_host\//m);
  assert.match(table, /^ +pipelines: web$/m);
});
