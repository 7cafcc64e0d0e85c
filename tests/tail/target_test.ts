import assert from "node:assert/strict";
import { glob, TailWorld, TestOutput } from "../support/tail_world.ts";

/** Follows `/logs/*.log` and what rotates there. */
function setUp(name = "*.log*") {
  const world = new TailWorld();
  world.files.folder("/logs");
  const output = new TestOutput();
  return { world, output, follow: () => world.follow(glob("/logs", name), [output]) };
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

Deno.test("Target reads numbered files before the file that they were rotated from", () => {
  const { world, output, follow } = setUp();
  follow();
  world.clock.advance(1_500);
  world.files.write("/logs/a.log.2", "first, of the oldest generation\n");
  world.files.write("/logs/a.log.1", "second, of the one between\n");
  world.files.write("/logs/a.log", "third\n");
  world.clock.advance(5_000);
  assert.deepEqual(output.got.map((line) => line.split(",")[0]), ["first", "second", "third"]);
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
