import assert from "node:assert/strict";
import { Gunzip } from "../../src/host/gunzip.ts";
import { PackedDesk, type Unpacker, UNPACKING_MAX } from "../../src/tail/packed_desk.ts";
import { VirtualClock } from "../support/virtual_host.ts";

Deno.test("PackedDesk takes jobs one after the other, a step at a time, when CPU may be used", () => {
  const clock = new VirtualClock();
  let waitMs = 500;
  const desk = new PackedDesk(clock, () => new Gunzip(), () => waitMs);
  const done: string[] = [];
  for (const name of ["a", "b"]) {
    let steps = 0;
    desk.add(() => {
      done.push(name);
      return ++steps === 2;
    });
  }
  clock.advance(499);
  assert.deepEqual(done, []);
  waitMs = 0;
  clock.advance(1);
  assert.deepEqual(done, ["a", "a", "b", "b"]);
  assert.equal(clock.pending, 0);
  desk.add(() => false);
  desk.stop();
  assert.equal(clock.pending, 0);
});

Deno.test("PackedDesk gives few places, and that of one that is idle to another", () => {
  const clock = new VirtualClock();
  const desk = new PackedDesk(clock, () => new Gunzip(), () => 0);
  const rested: number[] = [];
  const unpackers = Array.from(
    { length: UNPACKING_MAX + 1 },
    (_, i): Unpacker => ({ rest: () => rested.push(i) }),
  );
  const last = unpackers[UNPACKING_MAX];
  for (const each of unpackers.slice(0, UNPACKING_MAX)) assert.ok(desk.take(each));
  assert.equal(desk.take(last), false);
  clock.advance(5_000);
  for (const each of unpackers.slice(1, UNPACKING_MAX)) assert.ok(desk.take(each));
  assert.equal(desk.take(last), true);
  assert.deepEqual(rested, [0]);
  assert.equal(desk.take(unpackers[0]), false);
  desk.give(last);
  assert.equal(desk.take(unpackers[0]), true);
});
