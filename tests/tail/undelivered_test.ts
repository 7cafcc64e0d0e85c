import assert from "node:assert/strict";
import type { TailOptions } from "../../src/tail/tail_options.ts";
import { TailWorld, TestOutput } from "../support/tail_world.ts";

const LOG = "/var/log/app.log";

/** A log of which one line is delivered and one is only seen. */
function setUp(options: Partial<TailOptions> = {}) {
  const world = new TailWorld(options);
  const output = new TestOutput();
  world.files.write(LOG, "first line\n");
  world.follow(LOG, [output], { label: "web" });
  world.clock.advance(1_000);
  output.roomBytes = 0;
  world.files.append(LOG, "second line\n");
  world.clock.advance(2_000);
  assert.deepEqual(output.got, ["first line"]);
  return { world, output };
}

function losses(world: TailWorld): [string, string, number][] {
  return world.logLines.map((text) => JSON.parse(text))
    .filter(({ message }) => message === "Bytes were not delivered")
    .map(({ reason, container, bytes }) => [reason, container, bytes]);
}

function seen(world: TailWorld): number | undefined {
  return world.store.load()[0]?.seenBytes;
}

Deno.test("Undelivered books at the end what was seen of a deleted file and not delivered, once", () => {
  const { world } = setUp();
  world.files.unlink(LOG);
  world.clock.advance(3_000);
  assert.deepEqual(losses(world), [], "it is held open, and may still be read");
  world.tail.stopReading();
  world.tail.save();
  assert.deepEqual(losses(world), [["vanished", "web", 12]]);
  world.tail.save();
  assert.equal(losses(world).length, 1);
  world.restart();
  world.follow(LOG, [new TestOutput()], { label: "web" });
  world.clock.advance(11 * 60_000);
  assert.equal(losses(world).length, 1, "the next agent has nothing more to book");
  assert.equal(world.store.rows.size, 0);
});

Deno.test("Undelivered books what was taken of a deleted file and never acknowledged", () => {
  const world = new TailWorld();
  const output = new TestOutput(false);
  world.files.write(LOG, "first line\n");
  world.follow(LOG, [output]);
  world.clock.advance(1_000);
  world.files.unlink(LOG);
  world.clock.advance(3_000);
  world.tail.stopReading();
  world.tail.save();
  assert.deepEqual(losses(world), [["vanished", "host", 11]]);
});

Deno.test("Undelivered leaves a deleted file to the next agent when its resume points are kept elsewhere", () => {
  const { world } = setUp({ keptElsewhere: ({ flusher }) => flusher === "f0" });
  world.files.unlink(LOG);
  world.clock.advance(3_000);
  world.tail.stopReading();
  world.tail.save();
  assert.deepEqual([losses(world), seen(world)], [[], 23]);
  world.restart();
  world.tail.start();
  world.clock.advance(11 * 60_000);
  assert.deepEqual(losses(world), [["vanished", "web", 12]]);
});

Deno.test("Undelivered books nothing of a file that is delivered, or has a name", () => {
  const { world, output } = setUp();
  world.files.rename(LOG, "/elsewhere");
  world.clock.advance(3_000);
  world.tail.stopReading();
  world.tail.save();
  assert.deepEqual(losses(world), []);
  world.restart();
  output.roomBytes = 1 << 20;
  world.follow("/elsewhere", [output]);
  world.clock.advance(1_000);
  world.files.unlink("/elsewhere");
  world.tail.stopReading();
  world.tail.save();
  assert.deepEqual(losses(world), []);
});

Deno.test("Undelivered saves at the end how much of a file was seen, though nothing of it is delivered", () => {
  const { world } = setUp();
  world.tail.stopReading();
  world.tail.save();
  assert.equal(seen(world), 23);
});

Deno.test("Undelivered saves how much of a file was seen now and then, as an end may come without a word", () => {
  const { world } = setUp();
  world.clock.advance(11_000);
  assert.equal(seen(world), 23);
  const { rows } = world.store;
  const before = rows.get([...rows.keys()][0]);
  world.clock.advance(60_000);
  assert.equal(rows.get([...rows.keys()][0]), before, "a row was saved though nothing grew");
});
