import assert from "node:assert/strict";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { Beginnings } from "../../src/tail/beginnings.ts";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { ANCHOR_BYTES } from "../../src/tail/identity.ts";
import { makeLanes } from "../../src/tail/make_lanes.ts";
import type { TailShared } from "../../src/tail/tail_shared.ts";
import { LINES, TestOutput } from "../support/tail_world.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

Deno.test("makeLanes makes one per flusher, each at its place, and knows the bytes before it", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, `${"x".repeat(99)}\nlast\n`);
  const reader = bed.acquire();
  const outputs = [new TestOutput(), new TestOutput()];
  const shared = {
    keys: bed.keys,
    held: new HeldBudget(),
    withFile: (_: unknown, use: (file: unknown) => unknown) => reader.withFile(use),
    moved: () => {},
  } as unknown as TailShared;
  const lanes = makeLanes(shared, reader, {
    spec: {
      pipeline: "p",
      input: "i",
      origin: "host",
      label: "host",
      flushers: ["f0", "f1"],
      framing: LINES,
    } as unknown as FollowSpec,
    path: LOG,
    target: { tags: new TagSet([]), outputs },
    beginnings: { zeros: () => ({ done: [0] }) } as unknown as Beginnings,
    begin: (_file, flusher) => ({ done: [flusher === "f0" ? 100 : 0] }),
  });
  assert.deepEqual(lanes.map(({ cursor, anchorLength }) => [cursor, anchorLength]), [
    [100, ANCHOR_BYTES],
    [0, 0],
  ]);
  assert.deepEqual(
    lanes.map(({ info }) => [info.source, info.flusher, outputs.indexOf(info.output as TestOutput)]),
    [
      [`host:${LOG}`, "f0", 0],
      [`host:${LOG}`, "f1", 1],
    ],
  );
  bed.readers.attach(reader, {} as never, lanes);
  assert.equal(bed.turns(reader), "end");
  assert.deepEqual(outputs.map(({ got }) => got.at(-1)), ["last", "last"]);
  assert.deepEqual(outputs.map(({ got }) => got.length), [1, 2]);
});
