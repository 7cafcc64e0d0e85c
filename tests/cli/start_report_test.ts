import assert from "node:assert/strict";
import { type ReportSettings, StartReport } from "../../src/cli/start_report.ts";
import type { Container, ContainerSnapshot, RuntimeStatus } from "../../src/core/container.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const SETTINGS: ReportSettings = {
  destination: "standard output",
  checkpointDir: ".denotail/checkpoint",
  hostRoot: "/",
  seesProc: true,
};

function setUp(settings: Partial<ReportSettings> = {}) {
  const clock = new VirtualClock();
  const node = {
    snapshot: { sequence: 0, containers: new Map(), complete: false, runtimes: [] } as ContainerSnapshot,
    refused: new Map<string, { count: number; paths: string[] }>(),
    open: new Map<string, number>(),
    bytes: 0,
    records: 0,
    unsettled: 0,
    backlog: 0,
  };
  let text = "";
  const report = new StartReport(
    {
      discovery: { current: () => node.snapshot },
      refused: () => node.refused,
      openFiles: () => node.open,
      readBytes: () => node.bytes,
      readRecords: () => node.records,
      unsettledBytes: () => node.unsettled,
      backlogBytes: () => node.backlog,
    },
    { ...SETTINGS, ...settings },
    clock,
    (said) => text += said,
  );
  const said = () => {
    const now = text;
    text = "";
    return now;
  };
  return { clock, node, report, said };
}

function snapshot(runtimes: RuntimeStatus[], containers = 0): ContainerSnapshot {
  const all = Array.from({ length: containers }, (_, i) => [`c${i}`, {} as Container] as const);
  return { sequence: 1, containers: new Map(all), complete: true, runtimes };
}

Deno.test("StartReport says at once where events and progress go", () => {
  const { report, said } = setUp();
  report.start();
  assert.equal(
    said(),
    `denotail collects the logs of this machine; Ctrl-C ends it
  events go to  standard output
  progress      is saved in '.denotail/checkpoint'; the next start goes on from there
  host root     '/'
`,
  );
});

Deno.test("StartReport says what cannot be known without a host mount, and that nothing is saved", () => {
  const { report, said } = setUp({ seesProc: false, checkpointDir: null });
  report.start();
  assert.match(
    said(),
    /is not saved[\s\S]*may not read \/proc[\s\S]*denotail's own container[\s\S]*--host-root/,
  );
});

Deno.test("StartReport says what it found and what it does not read, with limited names", () => {
  const { clock, node, report, said } = setUp();
  report.start();
  said();
  node.snapshot = snapshot([
    { kind: "docker", socket: "/run/docker.sock", state: "ok" },
    { kind: "cri", socket: "/run/crio.sock", state: "away", error: "No permission" },
    { kind: "cri", socket: "/run/k3s.sock", state: "absent" },
  ], 3);
  node.open = new Map([["host", 1], ["web", 2], ["db", 1]]);
  node.refused.set("binary", { count: 7, paths: ["/var/log/wtmp", "/var/log/btmp"] });
  node.refused.set("denied", { count: 1, paths: ["/var/log/secure"] });
  clock.advance(2_000);
  assert.equal(
    said(),
    `  containers    docker at /run/docker.sock; cri at /run/crio.sock does not answer (No permission): 3 containers
  files         1 file of the host followed, 3 of 2 containers
  not read      7 binary: '/var/log/wtmp', '/var/log/btmp', …
  not read      1 without permission (another user, or a group such as adm, may read them): '/var/log/secure'
denotail: 0 records (0 B) read, 0 B acknowledged, 0 B waiting
`,
  );
});

Deno.test("StartReport says where it looked for a runtime when there is none", () => {
  const { clock, node, report, said } = setUp();
  node.snapshot = snapshot([{ kind: "docker", socket: "/run/docker.sock", state: "absent" }]);
  report.start();
  clock.advance(2_000);
  assert.match(said(), / {2}containers {4}no runtime found; looked for \/run\/docker\.sock\n/);
});

Deno.test("StartReport says progress every few seconds, and nothing again that is as it was", () => {
  const { clock, node, report, said } = setUp();
  report.start();
  clock.advance(2_000);
  said();
  Object.assign(node, { bytes: 3 << 20, records: 12_345, unsettled: 1 << 20, backlog: 2048 });
  clock.advance(5_000);
  assert.equal(said(), "denotail: 12,345 records (3.0 MiB) read, 2.0 MiB acknowledged, 2.0 KiB waiting\n");
  clock.advance(60_000);
  assert.equal(said(), "");
});

Deno.test("StartReport closes with what is delivered and what comes again, and ends its timer", () => {
  const { clock, node, report, said } = setUp();
  report.start();
  said();
  Object.assign(node, { bytes: 1024, records: 1 });
  report.stop(0);
  assert.equal(
    said(),
    "denotail ends: 1 record (1.0 KiB) read, all of it acknowledged; progress is in '.denotail/checkpoint'\n",
  );
  assert.equal(clock.pending, 0);
  report.stop(512);
  assert.match(said(), /512 B of it not acknowledged, which the next start reads again/);
});
