import assert from "node:assert/strict";
import { TailWorld, TestOutput } from "../support/tail_world.ts";

const LOG = "/var/log/app.log";

function setUp() {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.folder("/var/log");
  return { world, output, follow: () => world.follow(LOG, [output]) };
}

Deno.test("GenerationOpener opens what was rotated away before the path was seen for the first time", () => {
  const { world, output, follow } = setUp();
  follow();
  world.clock.advance(200);
  world.files.write(`${LOG}.2`, "one\n");
  world.files.write(`${LOG}.1`, "two\n");
  world.clock.advance(10_000);
  world.files.write(LOG, "three\n");
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["one", "two", "three"]);
});

Deno.test("GenerationOpener passes over a file that was read to its end, but not what came with it", () => {
  const { world, output, follow } = setUp();
  const text = "a line that is long enough to tell";
  world.files.write(LOG, `${text}\n`);
  follow();
  world.clock.advance(200);
  world.files.rename(LOG, `${LOG}.old`);
  world.files.write(LOG, "next\n");
  world.clock.advance(20_000);
  world.files.rename(LOG, `${LOG}.1`);
  world.files.write(`${LOG}.2`, "between\n");
  world.files.rename(`${LOG}.old`, LOG);
  world.clock.advance(20_000);
  assert.deepEqual(output.got.toSorted(), [text, "between", "next"]);
});

Deno.test("GenerationOpener tries a file again that could not be opened", () => {
  const { world, output, follow } = setUp();
  world.files.write(LOG, "one\n");
  world.files.denied.add(LOG);
  follow();
  world.clock.advance(1_000);
  world.files.denied.clear();
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["one"]);
});
