import assert from "node:assert/strict";
import { glob, TailWorld, TestOutput } from "../support/tail_world.ts";

/** Eighty logs where only so many files may be open. */
function setUp(openMax: number) {
  const world = new TailWorld();
  const names = Array.from({ length: 80 }, (_, n) => `/logs/app${n}x.log`);
  for (const name of names) world.files.write(name, `the very first line of ${name}\n`);
  world.files.openMax = openMax;
  const output = new TestOutput();
  world.follow(glob("/logs", "app*.log"), [output]);
  world.clock.advance(5_000);
  return { world, names, output };
}

Deno.test("HeldFiles lets more files be read than may be open, and says so once", () => {
  const { world, names, output } = setUp(40);
  assert.deepEqual(output.got.toSorted(), names.map((name) => `the very first line of ${name}`).toSorted());
  const said = world.logLines.filter((line) => line.includes("Too many files are open"));
  assert.equal(said.length, 1);
  output.got.length = 0;
  for (const name of names) world.files.append(name, `second line of ${name}\n`);
  world.clock.advance(5_000);
  assert.deepEqual(output.got.toSorted(), names.map((name) => `second line of ${name}`).toSorted());
  assert.ok(world.files.openCount <= 40);
});

Deno.test("HeldFiles keeps each line once when files that it closed are rotated, and truncated with a copy", () => {
  const { world, names, output } = setUp(40);
  output.got.length = 0;
  const wanted: string[] = [];
  for (const name of names.slice(0, 10)) {
    world.files.append(name, `last of ${name}\n`);
    world.files.rename(name, `${name}.1`);
    world.files.write(name, `new in ${name}\n`);
    wanted.push(`last of ${name}`, `new in ${name}`);
  }
  for (const name of names.slice(10, 20)) {
    world.files.append(name, `last of ${name}\n`);
    world.files.copy(name, `${name}.1`);
    world.files.truncate(name);
    world.files.append(name, `new in ${name}\n`);
    wanted.push(`last of ${name}`, `new in ${name}`);
  }
  world.clock.advance(20_000);
  assert.deepEqual(output.got.toSorted(), wanted.toSorted());
});

Deno.test("HeldFiles closes nothing while all may be open", () => {
  const { world, names } = setUp(Infinity);
  assert.equal(world.files.openCount, names.length);
});
