import assert from "node:assert/strict";
import { TailWorld, TestOutput } from "../support/tail_world.ts";

const LOG = "/var/log/app.log";

/** A log that is read to its end and settled, or all but its last line; then the agent is away. */
function setUp(acksAll = true) {
  const world = new TailWorld();
  world.files.reuseInodes = false;
  const output = new TestOutput();
  world.files.write(LOG, "a line that was read\n");
  world.follow(LOG, [output]);
  world.clock.advance(1_000);
  output.acks = acksAll;
  for (let line = 0; line < 2; line++) {
    world.files.append(LOG, "a line that was seen\n");
    world.clock.advance(1_000);
  }
  output.ack(1);
  world.clock.advance(1_000);
  world.tail.stopReading();
  const back = () => {
    const again = new TestOutput();
    world.restart();
    world.follow(LOG, [again]);
    world.clock.advance(5_000);
    const packed = world.tail.refused.get("packed")?.paths ?? [];
    return { got: again.got, packed, lost: world.tail.losses.bytesLost };
  };
  return { world, back };
}

/** Rotated and packed: the packed file has the time of the last byte in it. */
function pack(world: TailWorld, name: string): void {
  world.files.unlink(LOG);
  world.files.write(name, "packed");
  world.files.write(LOG, "new\n");
}

Deno.test("bookPacked names a packed file with bytes that were written while the agent was away", () => {
  const { world, back } = setUp();
  world.clock.advance(1_000);
  pack(world, `${LOG}.1.gz`);
  assert.deepEqual(back().packed, [`${LOG}.1.gz`]);
  const again = back();
  assert.deepEqual([again.packed, again.got], [[], []], "said once");
});

Deno.test("bookPacked books what was seen and not delivered", () => {
  const { world, back } = setUp(false);
  pack(world, `${LOG}-20231114.zst`);
  const { got, packed, lost } = back();
  assert.deepEqual([got, packed, lost], [["new"], [`${LOG}-20231114.zst`], 21]);
  assert.match(
    world.logLines.join(""),
    /"reason":"packed","container":"host","path":"\/var\/log\/app.log","bytes":21/,
  );
  world.clock.advance(30 * 60_000);
  assert.equal(world.tail.losses.bytesLost, 21, "not once more");
});

Deno.test("bookPacked says nothing of a file that was delivered before it was packed, or of another's", () => {
  const { world, back } = setUp();
  world.files.rename(LOG, `${LOG}.1`);
  world.files.write(LOG, "new\n");
  world.clock.advance(1_000);
  world.files.write(`${LOG}.env.gz`, "another's");
  world.files.write("/var/log/other.log.1.gz", "another's");
  assert.deepEqual(back().packed, [], "its file is there");
  world.files.unlink(`${LOG}.1`);
  assert.deepEqual(back().packed, []);
});
