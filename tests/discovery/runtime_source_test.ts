import assert from "node:assert/strict";
import { DEFAULT_TIMING } from "../../src/discovery/discovery_timing.ts";
import type { RuntimeProvider } from "../../src/discovery/runtime_provider.ts";
import { RuntimeSource } from "../../src/discovery/runtime_source.ts";
import { FakeRuntime } from "../support/fake_runtimes.ts";
import { container } from "../support/runtime_fixtures.ts";
import { settle, VirtualClock } from "../support/virtual_host.ts";

interface Bed {
  readonly clock: VirtualClock;
  readonly runtime: FakeRuntime;
  readonly source: RuntimeSource;
  socket: string | null;
  changes: number;
}

/** A started source on a fake runtime with one container `a`. */
function bed(prepare: (runtime: FakeRuntime) => void = () => {}): Bed {
  const clock = new VirtualClock();
  const runtime = new FakeRuntime();
  runtime.set(container("a"));
  prepare(runtime);
  const bed: Bed = {
    clock,
    runtime,
    socket: "/run/docker.sock",
    changes: 0,
    source: new RuntimeSource({
      kind: "docker",
      name: "/run/docker.sock",
      findSocket: () => bed.socket,
      connect: (socket) => runtime.connect(socket),
      clock,
      timing: DEFAULT_TIMING,
    }),
  };
  bed.source.start(() => bed.changes++);
  return bed;
}

const state = ({ source }: Bed) => source.status().state;
const idsOf = ({ source }: Bed) => [...source.containers().keys()].sort();

Deno.test("RuntimeSource lists at once, then every 3 s, and inspects only what is new", async () => {
  const on = bed();
  await on.clock.run(0);
  assert.deepEqual([state(on), idsOf(on), on.source.settled(), on.changes], ["ok", ["a"], true, 1]);
  on.runtime.set(container("b"));
  await on.clock.run(2_900);
  assert.deepEqual(idsOf(on), ["a"]);
  await on.clock.run(100);
  assert.deepEqual(idsOf(on), ["a", "b"]);
  assert.deepEqual(on.runtime.inspected, ["a", "b"]);
  assert.equal(on.runtime.connections, 1);
  await on.clock.run(30_000);
  assert.deepEqual([on.runtime.inspected.length, on.changes], [2, 2]);
});

Deno.test("RuntimeSource sees a changed label and state with the next list", async () => {
  const on = bed();
  await on.clock.run(0);
  const first = on.source.containers().get("a");
  on.runtime.set(container("a", { labels: new Map([["team", "x"]]) }));
  await on.clock.run(3_000);
  assert.equal(on.source.containers().get("a")?.labels.get("team"), "x");
  assert.equal(first?.labels.size, 0);
  on.runtime.set(container("a", { labels: new Map([["team", "x"]]), state: "exited" }));
  await on.clock.run(3_000);
  assert.equal(on.source.containers().get("a")?.state, "exited");
});

Deno.test("RuntimeSource is settled and absent when there is no socket, and finds one that comes later", async () => {
  const on = bed();
  on.socket = null;
  await on.clock.run(0);
  assert.deepEqual([state(on), on.source.settled(), on.runtime.connections], ["absent", true, 0]);
  on.socket = "/run/docker.sock";
  await on.clock.run(3_000);
  assert.deepEqual([state(on), idsOf(on)], ["ok", ["a"]]);
});

Deno.test("RuntimeSource waits for a runtime that is away at start and has the list within 5 s of its return", async () => {
  const on = bed((runtime) => runtime.mode = "away");
  await on.clock.run(60_000);
  assert.deepEqual([state(on), on.source.settled(), on.changes], ["away", false, 1]);
  assert.match(on.source.status().error ?? "", /away/);
  on.runtime.mode = "ok";
  await on.clock.run(1_000);
  assert.deepEqual([state(on), idsOf(on), on.source.settled()], ["ok", ["a"], true]);
  assert.equal("error" in on.source.status(), false);
});

Deno.test("RuntimeSource keeps the known set through a restart and connects anew", async () => {
  const on = bed();
  await on.clock.run(0);
  const before = on.source.containers();
  on.runtime.mode = "away";
  await on.clock.run(3_000);
  assert.deepEqual([state(on), on.source.containers()], ["away", before]);
  on.socket = null;
  await on.clock.run(3_000);
  assert.deepEqual([state(on), on.source.containers()], ["away", before]);
  assert.equal(on.source.status().error, "The socket has disappeared");
  on.socket = "/run/docker.sock";
  on.runtime.mode = "ok";
  await on.clock.run(1_000);
  assert.deepEqual([state(on), on.source.containers()], ["ok", before]);
  assert.deepEqual([on.runtime.connections, on.runtime.watches], [2, 2]);
  assert.deepEqual(on.runtime.inspected, ["a"]);
});

Deno.test("RuntimeSource gives a hanging runtime up after the deadline, keeps the set, and recovers", async () => {
  const on = bed();
  await on.clock.run(0);
  on.runtime.mode = "hang";
  await on.clock.run(3_000 + 3_400);
  assert.equal(state(on), "ok");
  await on.clock.run(200);
  assert.deepEqual([state(on), idsOf(on)], ["away", ["a"]]);
  assert.match(on.source.status().error ?? "", /No answer within '3500' ms/);
  on.runtime.mode = "ok";
  await on.clock.run(15_000);
  assert.equal(state(on), "ok");
});

Deno.test("RuntimeSource has the list back within 5 s when a runtime hangs on its old connection", async () => {
  const on = bed();
  await on.clock.run(3_000);
  on.runtime.mode = "hang";
  on.runtime.set(container("b"));
  // The next list is asked on the connection that gets no answer; a new one would be served.
  await on.clock.run(3_000);
  on.runtime.mode = "ok";
  await on.clock.run(5_000);
  assert.deepEqual([state(on), idsOf(on)], ["ok", ["a", "b"]]);
});

Deno.test("RuntimeSource waits longer for a runtime that was too slow, so that it is heard", async () => {
  const on = bed();
  on.runtime.beforeList = () => new Promise<void>((resolve) => on.clock.after(8_000, resolve));
  await on.clock.run(3_600);
  assert.deepEqual([on.source.status().reason, idsOf(on)], ["timeout", []]);
  await on.clock.run(1_000 + 8_000);
  assert.deepEqual([state(on), idsOf(on)], ["ok", ["a"]]);
});

Deno.test("RuntimeSource asks rarely and is settled when the socket refuses or has no CRI behind it", async () => {
  for (const [mode, expected] of [["denied", "away"], ["unsupported", "absent"]] as const) {
    const on = bed((runtime) => runtime.mode = mode);
    await on.clock.run(59_000);
    assert.deepEqual([state(on), on.source.settled(), on.runtime.lists], [expected, true, 2]);
    assert.equal(on.source.status().reason, mode);
    on.runtime.mode = "ok";
    await on.clock.run(30_000);
    assert.deepEqual([state(on), idsOf(on)], ["ok", ["a"]]);
    assert.equal(on.source.status().reason, undefined);
  }
});

Deno.test("RuntimeSource publishes the others when one inspection is stuck or fails, and tries it again later", async () => {
  for (const set of ["stuck", "broken"] as const) {
    const on = bed((runtime) => {
      runtime.set(container("b"));
      runtime[set].add("b");
    });
    await on.clock.run(3_100);
    assert.deepEqual([state(on), idsOf(on), on.source.settled()], ["ok", ["a"], true]);
    on.runtime[set].clear();
    await on.clock.run(16_000);
    assert.deepEqual(idsOf(on), ["a", "b"]);
    assert.equal(on.runtime.inspected.filter((id) => id === "b").length, 2);
  }
});

Deno.test("RuntimeSource is away when the runtime lists but answers no inspection at all", async () => {
  const on = bed((runtime) => {
    for (let i = 0; i < 40; i++) {
      runtime.set(container(`c${i}`));
      runtime.stuck.add(`c${i}`);
    }
    runtime.stuck.add("a");
  });
  await on.clock.run(6_500);
  assert.equal(state(on), "away");
  on.runtime.stuck.clear();
  // In small steps: forty answers take more promise turns than the clock grants a timer.
  for (let i = 0; i < 160; i++) await on.clock.run(100);
  assert.deepEqual([state(on), idsOf(on).length], ["ok", 41]);
});

Deno.test("RuntimeSource lists soon after hints, once for many, a few in a row, then every 500 ms", async () => {
  const on = bed();
  await on.clock.run(1_000);
  on.runtime.set(container("b"));
  for (let i = 0; i < 50; i++) on.runtime.hint();
  await on.clock.run(100);
  assert.deepEqual([on.runtime.lists, idsOf(on)], [2, ["a", "b"]]);
  const listsOver = async (ms: number) => {
    const before = on.runtime.lists;
    for (let passed = 0; passed < ms; passed += 50) {
      on.runtime.hint();
      await on.clock.run(50);
    }
    return on.runtime.lists - before;
  };
  const burst = await listsOver(500);
  assert.ok(burst >= 6 && burst <= 8, String(burst));
  assert.equal(await listsOver(5_000), 10);
});

Deno.test("RuntimeSource inspects a container again when a hint names it though the list shows no change", async () => {
  const on = bed();
  await on.clock.run(1_000);
  on.runtime.containers.set("a", container("a", { pid: 99 }));
  on.runtime.hint("a");
  await on.clock.run(100);
  assert.equal(on.source.containers().get("a")?.pid, 99);
});

Deno.test("RuntimeSource goes on by lists when the feed is missing or breaks at once", async () => {
  for (const [watch, watches] of [["unsupported", 1], ["broken", 2]] as const) {
    const on = bed((runtime) => runtime.watch = watch);
    await on.clock.run(31_000);
    assert.equal(on.runtime.lists, 11);
    assert.equal(on.runtime.watches, watches);
  }
});

Deno.test("RuntimeSource.stop ends a hanging call, the feed and all timers", async () => {
  const on = bed();
  await on.clock.run(0);
  on.runtime.mode = "hang";
  await on.clock.run(3_500);
  await on.source.stop();
  await settle();
  assert.equal(on.clock.pending, 0);
  on.source.refresh();
  assert.equal(on.clock.pending, 0);
  assert.deepEqual(idsOf(on), ["a"]);
});

Deno.test("RuntimeSource.stop closes a provider that was still being loaded, and asks it nothing", async () => {
  const clock = new VirtualClock();
  const loading = Promise.withResolvers<RuntimeProvider>();
  const source = new RuntimeSource({
    kind: "cri",
    name: "/run/cri.sock",
    findSocket: () => "/run/cri.sock",
    connect: () => loading.promise,
    clock,
    timing: DEFAULT_TIMING,
  });
  source.start(() => assert.fail("Nothing was learned"));
  await clock.run(0);
  const stopped = source.stop();
  let closed = 0;
  loading.resolve({
    kind: "cri",
    socket: "/run/cri.sock",
    list: () => assert.fail("It was stopped"),
    inspect: () => assert.fail("It was stopped"),
    watch: () => assert.fail("It was stopped"),
    close: () => closed++,
  });
  await stopped;
  assert.equal(closed, 1);
  assert.equal(clock.pending, 0);
});
