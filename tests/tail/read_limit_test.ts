import assert from "node:assert/strict";
import { ReadLimit, ReadLimits } from "../../src/tail/read_limit.ts";
import { TailWorld, TestOutput } from "../support/tail_world.ts";
import { VirtualClock } from "../support/virtual_host.ts";

const LINE = `${"x".repeat(99)}\n`;
const rate = (bytesPerSecond: number) => ({ readRate: { bytesPerSecond } });

function metric(world: TailWorld, name: string): number {
  for (const family of world.metrics.families()) {
    if (family.name === name) return [...family.series.values()].reduce((sum, { read }) => sum + read(), 0);
  }
  throw new Error(`no metric ${name}`);
}

Deno.test("ReadLimit has room for a second at most, and makes up for what was too much", () => {
  const clock = new VirtualClock();
  const limit = new ReadLimit({ bytesPerSecond: 1_000 }, clock);
  clock.advance(60_000);
  assert.equal(limit.room(), 1_000);
  limit.spend(1_500);
  assert.equal(limit.room(), 0);
  clock.advance(500);
  assert.equal(limit.room(), 0);
  clock.advance(49);
  assert.equal(limit.room(), 0, "not for a few bytes");
  clock.advance(1);
  assert.equal(limit.room(), 50);
});

Deno.test("ReadLimits gives each flusher of a rate a limit of its own", () => {
  const limits = new ReadLimits(new VirtualClock());
  const [one, other] = [{ bytesPerSecond: 1 }, { bytesPerSecond: 1 }];
  assert.equal(limits.of(one, "f"), limits.of(one, "f"));
  assert.notEqual(limits.of(one, "f"), limits.of(one, "g"));
  assert.notEqual(limits.of(one, "f"), limits.of(other, "f"));
});

Deno.test("tail reads a container no faster than it may, others as fast as it can, and says what waits", () => {
  const world = new TailWorld();
  const [slow, quick, both] = [new TestOutput(), new TestOutput(), [new TestOutput(), new TestOutput()]];
  for (const name of ["slow", "quick", "both"]) world.files.write(`/var/log/${name}.log`, LINE.repeat(1_000));
  world.follow("/var/log/slow.log", [slow], { ...rate(10_000), input: "slow" });
  world.follow("/var/log/quick.log", [quick], { input: "quick" });
  world.follow("/var/log/both.log", both, { ...rate(10_000), input: "both" });
  world.clock.advance(100);
  assert.equal(quick.got.length, 1_000);
  assert.ok(slow.got.length >= 90 && slow.got.length <= 111, `a burst of a second: ${slow.got.length}`);
  for (let second = 1; second <= 3; second++) {
    world.clock.advance(1_000);
    const wanted = 100 + second * 100;
    assert.ok(Math.abs(slow.got.length - wanted) < 25, `${slow.got.length} after ${second} s`);
    assert.ok(Math.abs(both[0].got.length - wanted) < 25, "two flushers read together");
    assert.equal(both[0].got.length, both[1].got.length);
  }
  assert.equal(
    metric(world, "denotail_limited_backlog_bytes"),
    2 * 100_000 - LINE.length * (slow.got.length + both[0].got.length),
  );
  assert.deepEqual(world.tail.waitingFiles(world.clock.monotonicMs()), [], "nobody takes it for stuck");
  world.clock.advance(10_000);
  assert.equal(slow.got.length, 1_000);
  assert.equal(metric(world, "denotail_limited_backlog_bytes"), 0);
});

Deno.test("tail counts all files with one rate together, rotated ones too", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const more = rate(10_000);
  for (const name of ["a", "b"]) {
    world.files.write(`/var/log/${name}.log`, LINE.repeat(500));
    world.follow(`/var/log/${name}.log`, [output], more);
  }
  world.clock.advance(500);
  world.files.rename("/var/log/a.log", "/var/log/a.log.1");
  world.files.write("/var/log/a.log", LINE.repeat(500));
  world.clock.advance(4_500);
  assert.ok(Math.abs(output.got.length - 600) < 25, `${output.got.length}`);
  world.clock.advance(12_000);
  assert.equal(output.got.length, 1_500);
});

Deno.test("tail reads lines longer than a step of the limit, and no slower than it says", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write("/var/log/a.log", `${"y".repeat(4_999)}\n`.repeat(20));
  world.follow("/var/log/a.log", [output], rate(2_000));
  world.clock.advance(21_000);
  assert.ok(output.got.length >= 8 && output.got.length <= 10, `${output.got.length}`);
});
