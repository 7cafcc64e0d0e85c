import assert from "node:assert/strict";
import type { PathView } from "../../src/core/host.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { PathSelect } from "../../src/core/tailing.ts";
import { glob, TailWorld, TestOutput } from "../support/tail_world.ts";

/** Follows `/logs/*.log` and what rotates there. */
function setUp(name = "*.log*") {
  const world = new TailWorld();
  world.files.folder("/logs");
  const output = new TestOutput();
  return { world, output, follow: (depth = 0) => world.follow(glob("/logs", name, depth), [output]) };
}

/** The same with an output for each path, and restarts of the agent. */
function byPath(select: PathSelect | string) {
  const world = new TailWorld();
  world.files.folder("/logs");
  world.files.reuseInodes = false;
  const outputs = new Map<string, TestOutput>();
  const outputOf = (path: string): TestOutput => {
    const name = path.slice("/logs/".length);
    const output = outputs.get(name) ?? new TestOutput();
    outputs.set(name, output);
    return output;
  };
  const follow = () =>
    world.follow(typeof select === "string" ? glob("/logs", select) : select, [new TestOutput()], {
      open: (path) => ({ tags: new TagSet([]), outputs: [outputOf(path)] }),
    });
  const restart = () => {
    world.restart();
    follow();
  };
  const got = () => Object.fromEntries([...outputs].map(([name, { got }]) => [name, got]));
  return { world, follow, restart, got, outputOf };
}

Deno.test("Target finds files that appear, and reads each once", () => {
  const { world, output, follow } = setUp();
  world.files.write("/logs/a.log", "a\n");
  follow();
  world.clock.advance(500);
  world.files.write("/logs/b.log", "b\n");
  world.clock.advance(3_000);
  assert.deepEqual(output.got, ["a", "b"]);
});

Deno.test("Target takes a rotated file of the pattern for a generation, not for a new file", () => {
  const { world, output, follow } = setUp();
  world.files.write("/logs/a.log", "a1\n");
  follow();
  world.clock.advance(2_000);
  world.files.append("/logs/a.log", "a2\n");
  world.files.rename("/logs/a.log", "/logs/a.log.1");
  world.files.write("/logs/a.log", "a3\n");
  world.clock.advance(60_000);
  assert.deepEqual(output.got, ["a1", "a2", "a3"]);
});

Deno.test("Target reads numbered files that it never saw under another name under their own names", () => {
  const { world, follow, got } = byPath("shard*");
  follow();
  world.clock.advance(1_500);
  for (const name of ["shard.1", "shard.2", "shard.3"]) world.files.write(`/logs/${name}`, `of ${name}\n`);
  world.clock.advance(5_000);
  world.files.write("/logs/shard.4", "of shard.4\n");
  world.clock.advance(5_000);
  assert.deepEqual(got(), {
    "shard.1": ["of shard.1"],
    "shard.2": ["of shard.2"],
    "shard.3": ["of shard.3"],
    "shard.4": ["of shard.4"],
  });
});

Deno.test("Target keeps apart files whose names look as if one were rotated from the other", () => {
  const { world, follow, restart, got } = byPath("*");
  const logs = [
    "api.log",
    "api-2.log",
    "mail",
    "mail.err",
    "mail.info",
    "worker-2.log",
    "worker-3.log",
    "worker.log",
  ];
  world.files.write("/logs/api.log", "1 of api.log\n");
  follow();
  world.clock.advance(3_000);
  for (let round = 1; round <= 3; round++) {
    for (const name of logs) {
      if (round > 1 || name !== "api.log") world.files.append(`/logs/${name}`, `${round} of ${name}\n`);
    }
    world.clock.advance(3_000);
    if (round === 2) restart();
  }
  // The base of some of them is rotated while they are written.
  world.files.rename("/logs/worker.log", "/logs/worker.log.1");
  for (const name of logs) world.files.append(`/logs/${name}`, `4 of ${name}\n`);
  world.clock.advance(10_000);
  const all = (name: string) => [1, 2, 3, 4].map((round) => `${round} of ${name}`);
  assert.deepEqual(got(), Object.fromEntries(logs.map((name) => [name, all(name)])));
});

Deno.test("Target reads a new file that begins as a followed one, however short it is", () => {
  const { world, follow, got } = byPath("*.log");
  const banner = "a program that begins all its files with this very line";
  world.files.write("/logs/worker.log", "starting\nw 1\n");
  world.files.write("/logs/long.log", `${banner}\nw 1\n`);
  follow();
  world.clock.advance(2_000);
  world.files.write("/logs/worker-5.log", "starting\n");
  world.files.write("/logs/long-5.log", `${banner}\n`);
  world.clock.advance(3_000);
  assert.deepEqual(got(), {
    "worker.log": ["starting", "w 1"],
    "worker-5.log": ["starting"],
    "long.log": [banner, "w 1"],
    "long-5.log": [banner],
  });
});

Deno.test("Target does not go on for a truncated file in a neighbour that begins as it did", () => {
  const { world, follow, got } = byPath("*.log");
  const banner = "a program that begins all its files with this very line";
  world.files.write("/logs/worker.log", `${banner}\n`);
  follow();
  world.clock.advance(2_000);
  world.files.write("/logs/worker-5.log", `${banner}\nw 5\n`);
  world.clock.advance(2_000);
  world.files.truncate("/logs/worker.log");
  world.files.append("/logs/worker.log", "new\n");
  world.clock.advance(5_000);
  world.files.append("/logs/worker-5.log", "w 5 again\n");
  world.clock.advance(5_000);
  assert.deepEqual(got(), { "worker.log": [banner, "new"], "worker-5.log": [banner, "w 5", "w 5 again"] });
});

Deno.test("Target does not go on for a truncated file in one with a rotated name that is a source of its own", () => {
  const { world, follow, got } = byPath("app*");
  const banner = "a program that begins all its files with this very line";
  world.files.write("/logs/app.log", `${banner}\n`);
  world.files.write("/logs/app.log.1", `${banner}\nold\n`);
  follow();
  world.clock.advance(3_000);
  world.files.truncate("/logs/app.log");
  world.files.append("/logs/app.log", "new\n");
  world.clock.advance(5_000);
  assert.deepEqual(got(), { "app.log": [banner, "new"], "app.log.1": [banner, "old"] });
});

Deno.test("Target does not go on for a truncated file in an old one that it reads under its own name", () => {
  for (const isBehind of [false, true]) {
    const { world, follow, got, outputOf } = byPath("app*");
    const banner = "a program that begins all its files with this very line";
    world.files.write("/logs/app.log", `${banner}\n`);
    world.files.write("/logs/app.log.20261122", `${banner}\nold\n`);
    const old = outputOf("/logs/app.log.20261122");
    if (isBehind) old.roomBytes = 0;
    follow();
    world.clock.advance(3_000);
    world.files.truncate("/logs/app.log");
    world.files.append("/logs/app.log", "new\n");
    world.clock.advance(5_000);
    old.roomBytes = 1 << 20;
    world.tail.wake();
    world.clock.advance(5_000);
    assert.deepEqual(got(), { "app.log": [banner, "new"], "app.log.20261122": [banner, "old"] });
  }
});

Deno.test("Target reads files that may not stay open once when their numbers move on, whichever target sees that first", () => {
  for (const [isFirst, rotations] of [[false, 1], [false, 3], [true, 1], [true, 3]] as const) {
    const world = new TailWorld();
    const [first, output] = [new TestOutput(), new TestOutput(false)];
    const view: PathView = { id: "c", candidates: (path) => [{ path, mayStayOpen: false }] };
    world.files.reuseInodes = false;
    const lines: string[] = [];
    const rotate = () => {
      if (lines.length > 2) world.files.unlink("/logs/app.log.2");
      if (lines.length > 1) world.files.rename("/logs/app.log.1", "/logs/app.log.2");
      if (lines.length > 0) world.files.rename("/logs/app.log", "/logs/app.log.1");
      lines.push(`line of file ${lines.length}`);
      world.files.write("/logs/app.log", `${lines.at(-1)}\n`);
    };
    const followPath = () => world.follow("/logs/app.log", [first], { pipeline: "q", view });
    rotate();
    followPath();
    for (let i = 0; i < 2; i++) {
      world.clock.advance(1_000);
      rotate();
    }
    world.clock.advance(1_000);
    first.acks = false;
    if (isFirst) world.restart();
    // It reads all three as logs of their own: nothing says that one was rotated from another.
    world.follow(glob("/logs", "app*"), [output], { view });
    if (isFirst) followPath();
    world.clock.advance(3_000);
    for (let i = 0; i < rotations; i++) rotate();
    world.clock.advance(3_000);
    assert.deepEqual(first.got, lines);
    assert.deepEqual(output.got.toSorted(), lines);
  }
});

Deno.test("Target reads a file with a rotated one's name that was rotated itself", () => {
  const { world, follow, got } = byPath("*.log");
  world.files.write("/logs/worker.log", "a\n");
  world.files.write("/logs/worker-2.log", "b\n");
  follow();
  world.clock.advance(3_000);
  world.files.rename("/logs/worker-2.log", "/logs/worker-2.log.1");
  world.files.write("/logs/worker-2.log", "c\n");
  world.clock.advance(70_000);
  world.files.append("/logs/worker-2.log", "d\n");
  world.clock.advance(3_000);
  assert.deepEqual(got(), { "worker.log": ["a"], "worker-2.log": ["b", "c", "d"] });
});

Deno.test("Target never reads what an exclude list leaves out, also after a rotation beside it and a restart", () => {
  const isOut = (path: string) => path.endsWith(".secret") || path.endsWith(".old");
  for (const name of ["ex.log", "ex.log*"]) {
    const select = name === "ex.log"
      ? { kind: "exact" as const, path: "/logs/ex.log", excluded: isOut }
      : { ...glob("/logs", name), excluded: isOut };
    const { world, follow, restart, got } = byPath(select);
    world.files.write("/logs/ex.log", "one\n");
    follow();
    world.clock.advance(3_000);
    world.files.write("/logs/ex.log.secret", "SECRET\n");
    world.files.write("/logs/ex.log.old", "SECRET\n");
    world.files.rename("/logs/ex.log", "/logs/ex.log.1");
    world.clock.advance(3_000);
    world.files.write("/logs/ex.log", "two\n");
    world.clock.advance(3_000);
    world.tail.stopReading();
    world.files.append("/logs/ex.log.old", "SECRET\n");
    world.files.rename("/logs/ex.log.1", "/logs/ex.log.2");
    world.files.rename("/logs/ex.log", "/logs/ex.log.1");
    restart();
    world.clock.advance(10_000);
    assert.deepEqual(got(), { "ex.log": ["one", "two"] }, name);
  }
});

Deno.test("Target of one path never reads a file that nobody named, live and after a restart", () => {
  const { world, follow, restart, got } = byPath({ kind: "exact", path: "/logs/app.log" });
  const others = ["app.log.env", "app.log.pos", "app.log.json", "app.log-audit", "app-2.log", "app.log.d"];
  world.files.write("/logs/app.log", "one\n");
  follow();
  world.clock.advance(2_000);
  for (const name of others) world.files.write(`/logs/${name}`, `of ${name}\n`);
  world.files.rename("/logs/app.log", "/logs/app.log.1");
  world.clock.advance(2_000);
  world.files.write("/logs/app.log", "two\n");
  world.clock.advance(2_000);
  world.tail.stopReading();
  for (const name of [...others, "app.log.new"]) world.files.append(`/logs/${name}`, "more\n");
  restart();
  world.clock.advance(2_000);
  world.tail.stopReading();
  // While the agent is away: the log is rotated twice, and only the generation between was never seen.
  world.files.rename("/logs/app.log", "/logs/app.log.3");
  world.files.write("/logs/app.log.2", "three\n");
  world.files.write("/logs/app.log.cpy", "of nobody\n");
  world.files.write("/logs/app.log", "four\n");
  restart();
  world.clock.advance(10_000);
  assert.deepEqual(got(), { "app.log": ["one", "two", "three", "four"] });
});

Deno.test("Target names files and folders whose names are not UTF-8, once each", () => {
  const { world, output, follow } = setUp("*.log");
  // What a listing makes of bytes that are not UTF-8; nothing can be opened by it.
  const list = world.files.list.bind(world.files);
  world.files.list = (path, max) => {
    const entries = list(path, max);
    if (path !== "/logs") return entries;
    return [...entries!, { name: "a\ufffd.log", kind: "file" }, { name: "d\ufffd", kind: "folder" }];
  };
  world.files.write("/logs/\ufffd-real.log", "real\n");
  follow(1);
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["real"]);
  assert.deepEqual(world.tail.refused.get("bad_name")?.paths, ["/logs/d\ufffd", "/logs/a\ufffd.log"]);
});

Deno.test("Target is done after finish when all was read, one last look included", () => {
  const { world, output, follow } = setUp();
  world.files.write("/logs/a.log", "a\n");
  const target = follow();
  world.clock.advance(2_000);
  world.files.write("/logs/late.log", "late\n");
  target.finish();
  assert.equal(target.done, false);
  world.clock.advance(10_000);
  assert.deepEqual([output.got, target.done], [["a", "late"], true]);
});

Deno.test("Target names what it does not read: no regular file, a folder that is closed", () => {
  const { world, output, follow } = setUp("*");
  world.files.fifo("/logs/pipe");
  follow();
  world.clock.advance(3_000);
  world.files.denied.add("/logs");
  world.clock.advance(3_000);
  assert.deepEqual(output.got, []);
  const said = world.logLines.join("");
  assert.match(said, /not_regular/);
  assert.match(said, /denied/);
});

Deno.test("Target reads nothing more after close", () => {
  const { world, output, follow } = setUp();
  world.files.write("/logs/a.log", "a\n");
  const target = follow();
  world.clock.advance(2_000);
  target.close();
  world.files.append("/logs/a.log", "b\n");
  world.files.write("/logs/c.log", "c\n");
  world.clock.advance(5_000);
  assert.deepEqual([output.got, target.done], [["a"], true]);
  assert.equal(world.files.openCount, 0);
});

/** Listings that take time. */
function withDearListings(world: TailWorld, costMs: () => number): { list: number } {
  const counts = { list: 0 };
  const list = world.files.list.bind(world.files);
  const monotonicMs = world.clock.monotonicMs.bind(world.clock);
  let spentMs = 0;
  world.clock.monotonicMs = () => monotonicMs() + spentMs;
  world.files.list = (path, entriesMax) => {
    counts.list++;
    spentMs += costMs();
    return list(path, entriesMax);
  };
  return counts;
}

Deno.test("Target finds a new file within seconds when the first look at its folder took minutes", () => {
  const { world, output, follow } = setUp();
  let costMs = 120_000;
  withDearListings(world, () => costMs);
  follow();
  world.clock.advance(100);
  costMs = 1;
  world.files.write("/logs/new.log", "new\n");
  world.clock.advance(3_000);
  assert.deepEqual(output.got, ["new"]);
});

Deno.test("Target finds a new file within ten seconds or so however dear each look at its folder is", () => {
  const { world, output, follow } = setUp();
  const counts = withDearListings(world, () => 500);
  follow();
  world.clock.advance(2_000);
  world.files.write("/logs/new.log", "new\n");
  world.clock.advance(12_000);
  assert.deepEqual(output.got, ["new"]);
  assert.ok(counts.list <= 5, `${counts.list} listings`);
});
