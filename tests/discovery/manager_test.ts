import assert from "node:assert/strict";
import type { ContainerSnapshot } from "../../src/core/container.ts";
import { DEFAULT_TIMING } from "../../src/discovery/discovery_timing.ts";
import { DiscoveryManager } from "../../src/discovery/manager.ts";
import { RuntimeSource } from "../../src/discovery/runtime_source.ts";
import { FakeRuntime } from "../support/fake_runtimes.ts";
import { container } from "../support/runtime_fixtures.ts";
import { VirtualClock } from "../support/virtual_host.ts";

interface Bed {
  readonly clock: VirtualClock;
  readonly manager: DiscoveryManager;
  readonly snapshots: ContainerSnapshot[];
  readonly errors: unknown[];
}

/** A started manager over runtimes; `null` stands for one whose socket is missing. */
function bed(...runtimes: (FakeRuntime | null)[]): Bed {
  const clock = new VirtualClock();
  const sources = runtimes.map((runtime, index) =>
    new RuntimeSource({
      kind: runtime?.kind ?? "cri",
      name: `/run/${index}.sock`,
      findSocket: () => runtime === null ? null : `/run/${index}.sock`,
      connect: (socket) => runtime!.connect(socket),
      clock,
      timing: DEFAULT_TIMING,
    })
  );
  const errors: unknown[] = [];
  const manager = new DiscoveryManager(sources, clock, DEFAULT_TIMING.goneMs, (error) => errors.push(error));
  const snapshots: ContainerSnapshot[] = [];
  manager.onSnapshot((snapshot) => snapshots.push(snapshot));
  manager.start();
  return { clock, manager, snapshots, errors };
}

function runtimeWith(kind: "docker" | "cri", ...ids: string[]): FakeRuntime {
  const runtime = new FakeRuntime(kind);
  for (const id of ids) runtime.set(container(id, { runtime: kind }));
  return runtime;
}

const idsOf = (snapshot: ContainerSnapshot) => [...snapshot.containers.keys()].sort();

Deno.test("DiscoveryManager is complete at once when the host has no runtime", async () => {
  for (const on of [bed(null, null), bed()]) {
    assert.deepEqual([on.manager.current().sequence, on.manager.current().complete], [0, false]);
    await on.clock.run(0);
    const { complete, containers, runtimes } = on.manager.current();
    assert.deepEqual([complete, containers.size], [true, 0]);
    assert.ok(runtimes.every((runtime) => runtime.state === "absent"));
  }
});

Deno.test("DiscoveryManager merges runtimes and is complete when the last present one has answered", async () => {
  const docker = runtimeWith("docker", "a");
  const cri = runtimeWith("cri", "b", "c");
  cri.mode = "away";
  const on = bed(docker, cri, null);
  await on.clock.run(5_000);
  assert.deepEqual([idsOf(on.manager.current()), on.manager.current().complete], [["a"], false]);
  assert.deepEqual(on.manager.current().runtimes.map((runtime) => runtime.state), ["ok", "away", "absent"]);
  cri.mode = "ok";
  await on.clock.run(1_000);
  assert.deepEqual([idsOf(on.manager.current()), on.manager.current().complete], [["a", "b", "c"], true]);
  cri.mode = "away";
  await on.clock.run(5_000);
  assert.deepEqual([idsOf(on.manager.current()), on.manager.current().complete], [["a", "b", "c"], true]);
});

Deno.test("DiscoveryManager publishes whole snapshots only when something changed", async () => {
  const docker = runtimeWith("docker", "a");
  const on = bed(docker);
  await on.clock.run(30_000);
  assert.equal(on.snapshots.length, 1);
  const first = on.manager.current();
  docker.set(container("b"));
  await on.clock.run(3_000);
  assert.deepEqual(on.snapshots.map((snapshot) => snapshot.sequence), [1, 2]);
  assert.deepEqual([idsOf(first), idsOf(on.manager.current())], [["a"], ["a", "b"]]);
  assert.equal(on.manager.current().containers.get("a"), first.containers.get("a"));
});

Deno.test("DiscoveryManager keeps a gone container with its metadata for ten minutes", async () => {
  const docker = runtimeWith("docker", "a", "b");
  docker.set(container("a", { upperDir: "/u", labels: new Map([["app", "x"]]), pid: 5 }));
  const on = bed(docker);
  await on.clock.run(0);
  docker.containers.delete("a");
  await on.clock.run(3_000);
  const gone = on.manager.current().containers.get("a");
  assert.deepEqual([gone?.state, gone?.pid, gone?.upperDir, gone?.labels.get("app")], ["gone", 0, "/u", "x"]);
  await on.clock.run(599_000);
  assert.equal(on.manager.current().containers.get("a")?.state, "gone");
  await on.clock.run(1_000);
  assert.deepEqual(idsOf(on.manager.current()), ["b"]);
});

Deno.test("DiscoveryManager takes a gone container back when the runtime lists it again", async () => {
  const docker = runtimeWith("docker", "a");
  const on = bed(docker);
  await on.clock.run(0);
  docker.containers.delete("a");
  await on.clock.run(3_000);
  docker.set(container("a"));
  await on.clock.run(3_000);
  assert.equal(on.manager.current().containers.get("a")?.state, "running");
  await on.clock.run(700_000);
  assert.equal(on.manager.current().containers.get("a")?.state, "running");
});

Deno.test("DiscoveryManager takes the first runtime's container when two have the same id", async () => {
  const on = bed(runtimeWith("docker", "a"), runtimeWith("cri", "a"));
  await on.clock.run(0);
  assert.equal(on.manager.current().containers.get("a")?.runtime, "docker");
});

Deno.test("DiscoveryManager tells the other subscribers when one throws or leaves", async () => {
  const docker = runtimeWith("docker", "a");
  const on = bed(docker);
  let calls = 0;
  const count = () => void calls++;
  const offFirst = on.manager.onSnapshot(count);
  on.manager.onSnapshot(() => {
    throw new Error("mine");
  });
  on.manager.onSnapshot(count);
  await on.clock.run(0);
  assert.deepEqual([calls, on.errors.length], [2, 1]);
  offFirst();
  offFirst();
  docker.set(container("b"));
  await on.clock.run(3_000);
  assert.deepEqual([calls, on.errors.length], [3, 2]);
});

Deno.test("DiscoveryManager.refresh looks before the period is over", async () => {
  const docker = runtimeWith("docker", "a");
  docker.watch = "unsupported";
  const on = bed(docker);
  await on.clock.run(1_000);
  docker.set(container("b"));
  on.manager.refresh();
  await on.clock.run(100);
  assert.deepEqual(idsOf(on.manager.current()), ["a", "b"]);
});

Deno.test("DiscoveryManager.stop keeps the last snapshot and leaves no timer, before start as well", async () => {
  const docker = runtimeWith("docker", "a", "b");
  const on = bed(docker);
  await on.clock.run(0);
  docker.containers.delete("b");
  await on.clock.run(3_000);
  on.manager.start();
  await on.manager.stop();
  await on.manager.stop();
  assert.equal(on.clock.pending, 0);
  assert.deepEqual(idsOf(on.manager.current()), ["a", "b"]);
  const never = new DiscoveryManager([], on.clock, 1, () => {});
  await never.stop();
  never.start();
  assert.equal(on.clock.pending, 0);
});
