import assert from "node:assert/strict";
import { CHUNK_BYTES } from "../../src/tail/arena_pool.ts";
import { ANCHOR_BYTES } from "../../src/tail/identity.ts";
import { planRead } from "../../src/tail/read_plan.ts";
import { LINES, RUNTIME, TestOutput } from "../support/tail_world.ts";
import { ReaderBed } from "./reader_bed.ts";

const bed = new ReaderBed();
const at = (cursor: number, framing = LINES) => bed.lane(new TestOutput(), framing, cursor);
const full = (cursor: number) => {
  const output = new TestOutput();
  output.roomBytes = 0;
  return bed.lane(output, LINES, cursor);
};
const all = () => true;

Deno.test("planRead groups the lanes that are furthest behind, and stops where the next one is", () => {
  const [one, two, ahead] = [at(100), at(100), at(150)];
  const plan = planRead([ahead, one, two], all, false);
  assert.deepEqual(plan?.group, [one, two]);
  assert.deepEqual([plan.cursor, plan.want, plan.limited], [100, 50, true]);
  assert.equal(plan.anchor, ANCHOR_BYTES);
});

Deno.test("planRead reads a whole chunk when no lane is near", () => {
  const plan = planRead([at(10), at(10 + CHUNK_BYTES)], all, false);
  assert.deepEqual([plan?.want, plan?.limited, plan?.anchor], [CHUNK_BYTES, false, 10]);
});

Deno.test("planRead leaves out lanes without room, waiting ones and closed ones", () => {
  const waiting = at(0);
  waiting.older = at(0);
  const closed = at(0);
  closed.closed = true;
  const free = at(70);
  assert.deepEqual(planRead([full(0), waiting, closed, free], all, false)?.group, [free]);
  assert.equal(planRead([full(0), waiting, closed], all, false), null);
});

Deno.test("planRead takes along who has room for joining only, and lets such a lane catch up, but not read ahead", () => {
  class Joining extends TestOutput {
    override room(joining = false): number {
      return joining ? 100 : 0;
    }
  }
  const joining = (cursor: number) => bed.lane(new Joining(), LINES, cursor);
  const [free, one, two] = [at(10), joining(10), joining(10)];
  const together = planRead([one, free, two], all, false);
  assert.deepEqual(together?.group, [one, free, two]);
  assert.equal(planRead([one, two], all, false), null, "somebody must have room");
  const behind = planRead([one, at(30)], all, false);
  assert.deepEqual([behind?.group, behind?.want], [[one], 20]);
  const ahead = joining(50);
  const alone = planRead([ahead, full(10)], all, false);
  assert.equal(alone, null);
});

Deno.test("planRead does not let a lane that waits for its line keep the others back", () => {
  const [waiting, other] = [at(10), at(30)];
  assert.deepEqual(planRead([waiting, other], (lane) => lane === other, false)?.group, [other]);
  assert.equal(planRead([waiting, other], () => false, false)?.cursor, 30, "the poll is at the furthest");
});

Deno.test("planRead does not mix lanes that see lines differently", () => {
  const [plain, runtime, patient] = [at(0), at(0, RUNTIME), at(0, { ...LINES, flushTimeoutMs: 1 })];
  assert.deepEqual(planRead([plain, runtime, patient], all, false)?.group, [plain]);
});

Deno.test("planRead makes a long read large enough for the longest record of the group", () => {
  const long = at(0, { ...LINES, recordBytesMax: 3 << 20 });
  const plan = planRead([at(0), long, at(5)], all, true);
  assert.ok(plan !== null && plan.want >= (3 << 20) && !plan.limited);
});
