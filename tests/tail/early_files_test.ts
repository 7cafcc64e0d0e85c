import assert from "node:assert/strict";
import { HELD_MAX, UNCLAIMED_MS } from "../../src/tail/early_files.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { RUNTIME, TailWorld, TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";

const POD = "/var/log/pods/default_short_1";
const LOG = `${POD}/main/0.log`;
const LINE = "2024-01-01T00:00:00Z stdout F one\n";

function world(): TailWorld {
  const made = new TailWorld();
  made.files.folder("/var/log/pods");
  made.tail.holdEarly("/", () => {});
  made.tail.start();
  return made;
}

Deno.test("early files keeps the log of a container that was removed before it was discovered", () => {
  const { clock, files, tail } = world();
  const output = new TestOutput();
  clock.advance(500);
  files.write(LOG, LINE);
  clock.advance(200);
  files.unlink(POD);
  clock.advance(1_000);
  tail.follow({ ...spec(output), originCreatedMs: clock.wallMs() - 1_700 }).finish();
  clock.advance(20_000);
  assert.deepEqual(output.got, ["one"]);
  assert.equal(files.openCount, 0);
});

Deno.test("early files finds a log that is made later than its folder", () => {
  const { clock, files, tail } = world();
  const output = new TestOutput();
  files.folder(`${POD}/main`);
  clock.advance(300);
  files.write(LOG, LINE);
  clock.advance(60);
  files.unlink(POD);
  tail.follow(spec(output)).finish();
  clock.advance(20_000);
  assert.deepEqual(output.got, ["one"]);
});

Deno.test("early files reads a file once whose owner finds it under its name", () => {
  const { clock, files, tail } = world();
  const output = new TestOutput();
  files.write(LOG, LINE);
  clock.advance(200);
  tail.follow(spec(output));
  clock.advance(1_000);
  assert.deepEqual(output.got, ["one"]);
  assert.equal(files.openCount, 1);
});

Deno.test("early files tells of each file when it appears, once", () => {
  const { clock, files, tail } = new TailWorld();
  let told = 0;
  files.folder("/var/log/pods");
  files.write("/var/log/pods/old/main/0.log", LINE);
  tail.holdEarly("/", () => told++);
  tail.start();
  clock.advance(1_000);
  assert.equal(told, 0);
  files.write(LOG, LINE);
  clock.advance(200);
  files.write(LOG, LINE);
  clock.advance(1_000);
  assert.equal(told, 1);
});

Deno.test("early files closes what nobody claims, and holds so many at most", () => {
  const { clock, files } = world();
  for (let i = 0; i < HELD_MAX + 10; i++) files.write(`/var/log/pods/p${i}/c/0.log`, LINE);
  clock.advance(1_000);
  assert.equal(files.openCount, HELD_MAX);
  clock.advance(UNCLAIMED_MS + 1_000);
  assert.equal(files.openCount, 0);
});

Deno.test("early files leaves what was there before to discovery", () => {
  const made = new TailWorld();
  made.files.write(LOG, LINE);
  made.tail.holdEarly("/", () => {});
  made.tail.start();
  made.clock.advance(1_000);
  assert.equal(made.files.openCount, 0);
  // A container that is started in a pod that was there.
  made.files.write(`${POD}/second/0.log`, LINE);
  made.clock.advance(1_000);
  assert.equal(made.files.openCount, 1);
});

Deno.test("early files closes everything when the tail stops", () => {
  const { clock, files, tail } = world();
  files.write(LOG, LINE);
  clock.advance(200);
  assert.equal(files.openCount, 1);
  tail.stopReading();
  assert.equal(files.openCount, 0);
});

function spec(output: TestOutput): FollowSpec {
  return {
    pipeline: "p",
    input: "i",
    flushers: ["f"],
    origin: "c1",
    originCreatedMs: null,
    label: "main",
    view: hostView("/"),
    select: { kind: "exact", path: LOG },
    framing: RUNTIME,
    firstContact: { tailBytesMax: null, written: false },
    open: () => ({ tags: new TagSet([]), outputs: [output] }),
  };
}
