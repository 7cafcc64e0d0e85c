import assert from "node:assert/strict";
import type { Batch } from "../../src/core/batch.ts";
import type { Clock } from "../../src/core/host.ts";
import type { LedgerEntry } from "../../src/core/ledger.ts";
import { TagSet } from "../../src/core/tags.ts";
import { GLANCE_MS } from "../../src/tail/glances.ts";
import { glob, LINES, RUNTIME, TailWorld, TestOutput } from "../support/tail_world.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const LOG = "/var/log/app.log";

Deno.test("tail sends what is there and what is appended, once", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "one\ntwo\n");
  world.follow(LOG, [output]);
  world.clock.advance(200);
  world.files.append(LOG, "three\nfo");
  world.clock.advance(200);
  world.files.append(LOG, "ur\n");
  world.clock.advance(200);
  assert.deepEqual(output.got, ["one", "two", "three", "four"]);
  assert.ok(output.caughtUps >= 3, "a turn at the end of the file says so");
});

Deno.test("tail finds a file that appears later", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.folder("/var/log");
  world.follow(LOG, [output]);
  world.clock.advance(1500);
  world.files.write(LOG, "late\n");
  world.clock.advance(1500);
  assert.deepEqual(output.got, ["late"]);
});

Deno.test("tail goes on after a crash where everything was acknowledged", () => {
  const world = new TailWorld();
  const first = new TestOutput();
  world.files.write(LOG, "one\ntwo\n");
  world.follow(LOG, [first]);
  world.clock.advance(300);
  world.restart();
  const second = new TestOutput();
  world.files.append(LOG, "three\n");
  world.follow(LOG, [second]);
  world.clock.advance(300);
  assert.deepEqual(first.got, ["one", "two"]);
  assert.deepEqual(second.got, ["three"]);
});

Deno.test("tail repeats after a crash only what was not acknowledged", () => {
  const world = new TailWorld();
  const first = new TestOutput(false);
  world.files.write(LOG, "one\n");
  world.follow(LOG, [first]);
  world.clock.advance(300);
  world.files.append(LOG, "two\n");
  world.clock.advance(300);
  first.ack(1);
  world.clock.advance(300);
  world.restart();
  const second = new TestOutput();
  world.follow(LOG, [second]);
  world.clock.advance(300);
  assert.deepEqual(second.got, ["two"]);
});

Deno.test("tail reads a renamed file to its end before the new one, and what its writer adds late", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a1\n");
  const writer = world.files.writer(LOG);
  world.follow(LOG, [output]);
  world.clock.advance(300);
  writer.append("a2\n");
  world.files.rename(LOG, `${LOG}.1`);
  writer.append("a3\n");
  world.files.write(LOG, "b1\n");
  world.clock.advance(300);
  writer.append("a4\n");
  world.clock.advance(300);
  assert.deepEqual(output.got, ["a1", "a2", "a3", "b1", "a4"]);
});

Deno.test("tail closes a renamed file once it was quiet and is settled", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a1\n");
  world.follow(LOG, [output]);
  world.clock.advance(300);
  world.files.rename(LOG, `${LOG}.1`);
  world.files.write(LOG, "b1\n");
  world.clock.advance(8_000);
  assert.equal(openFiles(world), 1);
  assert.deepEqual(output.got, ["a1", "b1"]);
});

Deno.test("tail reads generations that were made and renamed between two looks", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a1\n");
  world.follow(LOG, [output]);
  world.clock.advance(300);
  world.files.rename(LOG, `${LOG}.2`);
  world.clock.advance(10);
  world.files.write(LOG, "b1\nb2\n");
  world.files.rename(LOG, `${LOG}.1`);
  world.clock.advance(10);
  world.files.write(LOG, "c1\n");
  world.clock.advance(500);
  assert.deepEqual(output.got, ["a1", "b1", "b2", "c1"]);
});

/** Rotates `app.log` right before it is opened the `nth` time from now on. Returns how often it was opened. */
function rotateAtOpen(world: TailWorld, nth: number, as: string, next: string): () => number {
  const open = world.files.open.bind(world.files);
  let opened = 0;
  world.files.open = (view, path) => {
    if (path === LOG && ++opened === nth) {
      world.files.rename(LOG, as);
      world.files.write(LOG, next);
    }
    return open(view, path);
  };
  return () => opened;
}

const LONG = "a first line that is long enough to tell its file from any other\n";

Deno.test("tail goes on in the file that it looked at when that is rotated away before it is opened, after a restart", () => {
  for (let nth = 1;; nth++) {
    const world = new TailWorld();
    world.files.write(LOG, LONG);
    world.follow(LOG, [new TestOutput()]);
    world.clock.advance(1_000);
    world.restart();
    world.files.append(LOG, "two\n");
    const openedSince = rotateAtOpen(world, nth, "/var/log/app.log-20261102", "three\n");
    const output = new TestOutput();
    world.follow(LOG, [output]);
    world.clock.advance(5_000);
    if (openedSince() < nth) {
      assert.ok(nth > 2, "it is opened to be recognized, and to be read");
      return;
    }
    assert.deepEqual(output.got, ["two", "three"], `rotated before the ${nth}. time it was opened`);
  }
});

Deno.test("tail reads a new file that is rotated away before it is opened, before the next one", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, LONG);
  world.follow(LOG, [output]);
  world.clock.advance(1_000);
  world.files.rename(LOG, "/var/log/app.log-20261101");
  world.files.write(LOG, "two\n");
  const openedSince = rotateAtOpen(world, 1, "/var/log/app.log-20261102", "three\n");
  world.clock.advance(5_000);
  assert.ok(openedSince() > 0);
  assert.deepEqual(output.got, [LONG.trim(), "two", "three"]);
});

Deno.test("tail reads a file to its end that is deleted while open", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a1\n");
  const writer = world.files.writer(LOG);
  world.follow(LOG, [output]);
  world.clock.advance(300);
  world.files.unlink(LOG);
  writer.append("a2\n");
  world.clock.advance(8_000);
  assert.deepEqual(output.got, ["a1", "a2"]);
  assert.equal(openFiles(world), 0);
});

Deno.test("tail begins anew when a file is truncated, smaller or larger than before", () => {
  for (const refill of ["b1\n", `${"b".repeat(40)}1\n${"b".repeat(40)}2\n`]) {
    const world = new TailWorld();
    const output = new TestOutput();
    world.files.write(LOG, "a1 with some text\na2\n");
    world.follow(LOG, [output]);
    world.clock.advance(300);
    world.files.truncate(LOG);
    world.files.append(LOG, refill);
    world.clock.advance(500);
    assert.deepEqual(output.got.slice(2).join("\n") + "\n", refill);
  }
});

Deno.test("tail finds unread lines of a truncated file in its copy", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const head = "a line that is long enough to tell files apart by their beginning\n";
  world.files.write(LOG, head);
  world.follow(LOG, [output]);
  world.clock.advance(300);
  output.roomBytes = 0;
  world.files.append(LOG, "a2\na3\n");
  world.clock.advance(300);
  world.files.copy(LOG, `${LOG}.1`);
  world.files.truncate(LOG);
  world.files.append(LOG, "b1\n");
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(1_000);
  assert.deepEqual(output.got.slice(1), ["a2", "a3", "b1"]);
  assert.equal(world.tail.losses.bytesLost, 0);
});

Deno.test("tail goes on in a copy that another target has opened already", () => {
  const world = new TailWorld();
  const [first, second] = [new TestOutput(), new TestOutput()];
  world.files.write(LOG, "a first line, longer than thirty-two bytes\n");
  world.follow(LOG, [first]);
  world.clock.advance(200);
  world.files.append(LOG, "two\n");
  world.files.copy(LOG, `${LOG}.1`);
  world.files.truncate(LOG);
  world.files.append(LOG, "three\n");
  world.follow(LOG, [second], { pipeline: "q" });
  world.clock.advance(500);
  const all = ["a first line, longer than thirty-two bytes", "two", "three"];
  assert.deepEqual([first.got, second.got], [all, all]);
  assert.equal(world.tail.losses.bytesLost, 0);
});

Deno.test("tail reads what was written after a truncation before the generations that came later", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "one\n");
  world.follow(LOG, [output]);
  world.clock.advance(200);
  output.roomBytes = 0;
  world.files.truncate(LOG);
  world.files.append(LOG, "two\n");
  world.files.rename(LOG, `${LOG}.1`);
  world.files.write(LOG, "three\n");
  world.clock.advance(500);
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(500);
  assert.deepEqual(output.got, ["one", "two", "three"]);
});

Deno.test("tail reads a rotated file whole that begins as the one before it", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const banner = "a banner that every file begins with, longer than a head must be\n";
  world.files.write(LOG, banner);
  world.follow(LOG, [output]);
  world.clock.advance(200);
  world.files.rename(LOG, `${LOG}.2`);
  world.files.write(`${LOG}.1`, `${banner}two\n`);
  world.files.write(LOG, "three\n");
  world.clock.advance(500);
  assert.deepEqual(output.got, [banner.trim(), banner.trim(), "two", "three"]);
});

Deno.test("tail books unread bytes of a truncated file without a copy as lost", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a1\n");
  world.follow(LOG, [output]);
  world.clock.advance(300);
  world.files.append(LOG, `${"x".repeat(300_000)}\n`);
  output.roomBytes = 0;
  world.clock.advance(100);
  world.files.truncate(LOG);
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(500);
  assert.deepEqual(output.got, ["a1"]);
  assert.equal(world.tail.losses.bytesLost, 300_001);
});

Deno.test("tail books what it saw before a truncation when there is room only long after it", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a line that is long enough to tell files apart\n");
  world.follow(LOG, [output]);
  world.clock.advance(300);
  output.roomBytes = 0;
  world.files.append(LOG, "x".repeat(999) + "\n");
  world.clock.advance(2000);
  world.files.truncate(LOG);
  world.clock.advance(2000);
  world.files.append(LOG, "new\n");
  world.clock.advance(2000);
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(500);
  assert.equal(output.got.at(-1), "new");
  assert.equal(world.tail.losses.bytesLost, 1000);
  assert.equal(world.tail.backlogBytes(), 0);
});

Deno.test("tail books the end that was cut off a file when what was read of it stayed", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const line = "a line that is long enough to tell files apart\n";
  world.files.write(LOG, line);
  world.follow(LOG, [output]);
  world.clock.advance(300);
  output.roomBytes = 0;
  world.files.append(LOG, "b".repeat(99) + "\n");
  world.clock.advance(2000);
  world.files.truncate(LOG, line.length);
  world.clock.advance(2000);
  world.files.append(LOG, "new\n");
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(500);
  assert.deepEqual(output.got, [line.trim(), "new"]);
  assert.equal(world.tail.losses.bytesLost, 100);
  assert.equal(world.tail.backlogBytes(), 0);
});

Deno.test("tail finds renamed generations again after a restart and continues in them", () => {
  const world = new TailWorld();
  const first = new TestOutput();
  world.files.write(LOG, "a line that is long enough to tell files apart\na2\n");
  world.follow(LOG, [first]);
  world.clock.advance(300);
  world.restart();
  world.files.append(LOG, "a3\n");
  world.files.rename(LOG, `${LOG}.2`);
  world.clock.advance(1000);
  world.files.write(`${LOG}.1`, "b1\n");
  world.clock.advance(1000);
  world.files.write(LOG, "c1\n");
  const second = new TestOutput();
  world.follow(LOG, [second]);
  world.clock.advance(500);
  assert.deepEqual(second.got, ["a3", "b1", "c1"]);
});

Deno.test("tail does not take another file with a reused inode for the old one after a restart", () => {
  const world = new TailWorld();
  const first = new TestOutput();
  world.files.write(LOG, "old content of this file\n");
  world.follow(LOG, [first]);
  world.clock.advance(300);
  world.restart();
  world.files.truncate(LOG);
  world.files.append(LOG, "new content, longer than the old one was\nn2\n");
  const second = new TestOutput();
  world.follow(LOG, [second]);
  world.clock.advance(300);
  assert.deepEqual(second.got, ["new content, longer than the old one was", "n2"]);
});

Deno.test("tail reads nothing while a lane has no room, and goes on when woken", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  output.roomBytes = 0;
  world.files.write(LOG, "one\n");
  world.follow(LOG, [output]);
  world.clock.advance(1_000);
  assert.deepEqual(output.got, []);
  output.roomBytes = 100;
  world.tail.wake();
  world.clock.advance(10);
  assert.deepEqual(output.got, ["one"]);
});

Deno.test("tail lets a lane with room go on while another has none, and both get everything in order", () => {
  const world = new TailWorld();
  const quick = new TestOutput();
  const slow = new TestOutput();
  slow.roomBytes = 0;
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}`);
  world.files.write(LOG, lines.join("\n") + "\n");
  world.follow(LOG, [quick, slow]);
  world.clock.advance(1_000);
  assert.equal(quick.got.length, 30_000);
  assert.equal(slow.got.length, 0);
  slow.roomBytes = 5_000;
  world.tail.wake();
  world.clock.advance(2_000);
  assert.deepEqual(slow.got, lines);
  assert.deepEqual(quick.got, lines);
});

Deno.test("tail applies a tail limit at the store's birth, aligned to a line, and books the rest", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "0123456789\n".repeat(100));
  world.clock.advance(5_000);
  world.follow(LOG, [output], { firstContact: { tailBytesMax: 25, written: false } });
  world.clock.advance(300);
  assert.deepEqual(output.got, ["0123456789", "0123456789"]);
  assert.equal(world.tail.losses.bytesLost, 1100 - 22);
});

Deno.test("tail reads a file whole that is younger than the store", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.clock.advance(60_000);
  world.files.folder("/var/log");
  world.follow(LOG, [output], { firstContact: { tailBytesMax: 25, written: false } });
  world.clock.advance(60_000);
  world.files.write(LOG, "0123456789\n".repeat(100));
  world.clock.advance(1_500);
  assert.equal(output.got.length, 100);
});

Deno.test("tail ends an unterminated last line after the flush time, and swallows its late newline", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "one\ntw");
  world.follow(LOG, [output], { framing: { ...LINES, flushTimeoutMs: 5_000 } });
  world.clock.advance(4_000);
  assert.deepEqual(output.got, ["one"]);
  world.clock.advance(2_000);
  assert.deepEqual(output.got, ["one", "tw"]);
  world.files.append(LOG, "\nthree\n");
  world.clock.advance(500);
  assert.deepEqual(output.got, ["one", "tw", "three"]);
});

Deno.test("tail reads a finished target to its end, sends held pieces, closes, and does not read it again", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const path = "/var/log/pods/0.log";
  world.files.write(path, "2024-01-01T00:00:00Z stdout F one\n2024-01-01T00:00:01Z stdout P two");
  const follow = world.follow(path, [output], { framing: RUNTIME });
  world.clock.advance(300);
  world.files.append(path, "\n");
  follow.finish();
  world.clock.advance(20_000);
  assert.deepEqual(output.got, ["one", "two"]);
  assert.equal(openFiles(world), 0);
  assert.ok(follow.done);
});

Deno.test("tail continues a finished target that is resumed", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const path = "/var/log/pods/0.log";
  world.files.write(path, "2024-01-01T00:00:00Z stdout F one\n");
  const follow = world.follow(path, [output], { framing: RUNTIME });
  world.clock.advance(300);
  follow.finish();
  world.clock.advance(1_000);
  follow.resume();
  world.files.append(path, "2024-01-01T00:00:02Z stdout F two\n");
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["one", "two"]);
});

Deno.test("tail goes on in the copy of a resumed target's file that was truncated as soon as it grew", () => {
  const world = new TailWorld();
  const [output, busy] = [new TestOutput(), new TestOutput(false)];
  const first = "a line that is long enough to tell files apart by their beginning";
  world.files.write(LOG, `${first}\n`);
  world.files.write("/var/log/busy.log", "busy\n");
  const follow = world.follow(glob("/var/log", "*"), [output], {
    open: (path) => ({ tags: new TagSet([]), outputs: [path === "/var/log/busy.log" ? busy : output] }),
  });
  world.clock.advance(300);
  follow.finish();
  world.clock.advance(20_000);
  assert.equal(openFiles(world), 1, "only what is not acknowledged yet");
  follow.resume();
  world.clock.advance(300);
  world.files.append(LOG, "two\n");
  world.files.copy(LOG, `${LOG}.1`);
  world.files.truncate(LOG);
  world.files.append(LOG, "three\n");
  world.clock.advance(10_000);
  assert.deepEqual(output.got, [first, "two", "three"]);
});

Deno.test("tail follows a closed target again from where it was", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "one\n");
  world.follow(LOG, [output]).finish();
  world.clock.advance(20_000);
  assert.equal(openFiles(world), 0);
  world.files.append(LOG, "two\n");
  world.follow(LOG, [output]);
  world.clock.advance(500);
  assert.deepEqual(output.got, ["one", "two"]);
});

Deno.test("tail joins a record over a rotation and settles both files with it", () => {
  const world = new TailWorld();
  const output = new TestOutput(false);
  const path = "/var/log/pods/0.log";
  world.files.write(path, "2024-01-01T00:00:00Z stdout F zero\n2024-01-01T00:00:00Z stdout P one-\n");
  world.follow(path, [output], { framing: RUNTIME });
  world.clock.advance(300);
  output.ack();
  world.files.rename(path, `${path}.1`);
  world.files.write(path, "2024-01-01T00:00:01Z stdout F two\n");
  world.clock.advance(1_000);
  assert.deepEqual(output.got, ["zero", "one-two"]);
  // Crash before the joined record is acknowledged: its first piece in the old file is read again.
  world.restart();
  const again = new TestOutput();
  world.follow(path, [again], { framing: RUNTIME });
  world.clock.advance(1_000);
  assert.deepEqual(again.got, ["one-two"]);
});

Deno.test("tail follows all files of a pattern, new ones and those in folders below", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write("/var/log/a.log", "a\n");
  world.files.write("/var/log/sub/b.log", "b\n");
  world.files.write("/var/log/sub/deep/c.log", "c\n");
  world.files.write("/var/log/x.txt", "x\n");
  world.follow(glob("/var/log", "*.log", 1), [output]);
  world.clock.advance(300);
  world.files.write("/var/log/d.log", "d\n");
  world.clock.advance(1_500);
  assert.deepEqual(output.got.toSorted(), ["a", "b", "d"]);
});

Deno.test("tail does not read a rotated file again that matches the pattern", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "a line that is long enough to tell files apart\n");
  world.follow(glob("/var/log", "app.log*"), [output]);
  world.clock.advance(300);
  world.files.rename(LOG, `${LOG}.1`);
  world.files.write(LOG, "b1\n");
  world.clock.advance(30_000);
  assert.deepEqual(output.got, ["a line that is long enough to tell files apart", "b1"]);
  world.restart();
  const again = new TestOutput();
  world.follow(glob("/var/log", "app.log*"), [again]);
  world.clock.advance(30_000);
  assert.deepEqual(again.got, []);
});

Deno.test("tail does not read a copy (copytruncate) again that matches the pattern", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const line = "a line that is long enough to tell files apart\n";
  world.files.write(LOG, line);
  world.follow(glob("/var/log", "app.log*"), [output]);
  world.clock.advance(300);
  world.files.copy(LOG, `${LOG}.1`);
  world.clock.advance(1_200);
  world.files.truncate(LOG);
  world.files.append(LOG, "b1\n");
  world.clock.advance(30_000);
  assert.deepEqual(output.got, [line.trimEnd(), "b1"]);
});

Deno.test("tail reads two different files with the same beginning, both whole", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const head = "# generated by the same program, version 1, with the same header line\n";
  world.files.write("/var/log/app.log", `${head}one\n`);
  world.files.write("/var/log/app.log.old", `${head}two is longer than one\n`);
  world.follow(glob("/var/log", "app.log*"), [output]);
  world.clock.advance(30_000);
  assert.deepEqual(
    output.got.toSorted(),
    [head.trimEnd(), head.trimEnd(), "one", "two is longer than one"].toSorted(),
  );
});

Deno.test("tail never reads a FIFO or a link out of its view, and counts it once per path", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.fifo("/var/log/pipe.log");
  world.follow(glob("/var/log", "*.log"), [output]);
  world.clock.advance(3_000);
  assert.deepEqual(output.got, []);
  assert.equal(world.logLines.filter((line) => line.includes("File is not read")).length, 1);
});

Deno.test("tail reads a file once for two targets", () => {
  const world = new TailWorld();
  const one = new TestOutput();
  const two = new TestOutput();
  world.files.write(LOG, "x\n".repeat(10_000));
  world.follow(LOG, [one], { pipeline: "p1" });
  world.follow(LOG, [two], { pipeline: "p2" });
  world.clock.advance(1_000);
  assert.equal(one.got.length, 10_000);
  assert.equal(two.got.length, 10_000);
  assert.equal(openFiles(world), 1);
  assert.equal(metric(world, "denotail_read_bytes_total"), 20_000);
});

Deno.test("tail books what was seen and not read of a deleted file that may not stay open, as much as is missing", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const line = (n: number) => `line ${n} of a file in the root of a container\n`;
  const text = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join("");
  world.files.write(LOG, text(1, 10));
  const view = { id: "c", candidates: (path: string) => [{ path, mayStayOpen: false }] };
  world.follow(LOG, [output], { view, label: "web" });
  world.clock.advance(1_000);
  output.roomBytes = 0;
  world.files.append(LOG, text(11, 5_000));
  world.clock.advance(1_000);
  world.files.unlink(LOG);
  world.clock.advance(1_000);
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(5_000);
  const missing = text(output.got.length + 1, 5_000).length;
  assert.ok(output.got.length >= 10 && missing > 0);
  const [lost, ...more] = world.logLines.map((text) => JSON.parse(text)).filter(({ reason }) => reason);
  assert.deepEqual([lost.reason, lost.container, lost.bytes, more], ["vanished", "web", missing, []]);
  assert.equal(metric(world, "denotail_lost_bytes_total"), missing);
  world.tail.close();
  assert.equal(JSON.parse(world.logLines.at(-1)!).byReason, `web vanished ${missing}`);
});

Deno.test("tail gives up the oldest deleted files above the limit of all together, and says so", () => {
  const world = new TailWorld({ deletedBytesMax: 2_500 });
  world.files.reuseInodes = false;
  const outputs = [new TestOutput(), new TestOutput()];
  const paths = ["/var/log/a.log", "/var/log/b.log"];
  const line = (path: string, age: number) => `${path} ${age} `.padEnd(999, "x") + "\n";
  paths.forEach((path, i) => {
    outputs[i].roomBytes = 0;
    world.files.write(path, line(path, 0));
    world.follow(path, [outputs[i]]);
  });
  // Each is deleted before anything of it could be delivered; "a" has the older one each time.
  for (let age = 1; age <= 2; age++) {
    for (const path of paths) {
      world.clock.advance(2_000);
      world.files.unlink(path);
      world.files.write(path, line(path, age));
    }
  }
  world.clock.advance(2_000);
  assert.equal(metric(world, "denotail_deleted_bytes"), 2_000);
  const lost = world.logLines.filter((text) => text.includes("held_limit")).map((text) => JSON.parse(text));
  assert.deepEqual(lost.map(({ path, bytes }) => [path, bytes]), [[paths[0], 1_000], [paths[1], 1_000]]);
  assert.equal(world.tail.losses.bytesLost, 2_000);
  for (const output of outputs) output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(20_000);
  const ages = outputs.map(({ got }) => got.map((text) => Number(text.split(" ")[1])));
  assert.deepEqual(ages, [[1, 2], [1, 2]], "the younger ones are read");
  assert.deepEqual([openFiles(world), metric(world, "denotail_deleted_bytes")], [2, 0]);
});

function openFiles(world: TailWorld): number {
  return metric(world, "denotail_open_files");
}

function metric(world: TailWorld, name: string): number {
  for (const family of world.metrics.families()) {
    if (family.name === name) return [...family.series.values()].reduce((sum, { read }) => sum + read(), 0);
  }
  return 0;
}

Deno.test("tail polls few files, and those written lately, at every poll, others once a second, paths as often or less", () => {
  const polls = (files: number, ageMs: number) => {
    const world = new TailWorld();
    const output = new TestOutput();
    for (let i = 0; i < files; i++) {
      const path = `/var/log/${i}/app.log`;
      world.files.write(path, "one\n");
      world.follow(path, [output]);
    }
    world.clock.advance(ageMs);
    const { stat, read } = { ...world.files.calls };
    world.clock.advance(10_000);
    const { calls } = world.files;
    return { looks: (calls.stat - stat) / files, reads: (calls.read - read) / files };
  };
  const [few, young, old] = [polls(50, 90_000), polls(150, 10_000), polls(150, 90_000)];
  assert.ok(few.looks >= 99 && few.reads <= 12, `${JSON.stringify(few)} in 10 s of one file among few`);
  assert.ok(young.looks + young.reads >= 99, `${JSON.stringify(young)} of a file written within a minute`);
  assert.ok(young.looks >= 30 && young.looks < 50, `${young.looks} looks at such a file`);
  assert.ok(
    old.looks + old.reads >= 10 && old.reads <= 11,
    `${JSON.stringify(old)} of one of many old files`,
  );
  assert.ok(old.looks >= 3 && old.looks < 10, `${old.looks} looks at one of many old files`);
});

Deno.test("tail reads a line in a quiet file between two polls while other files have a backlog", () => {
  // Time that passes in turns only: no poll comes before the backlog is read.
  let inner = new VirtualClock();
  let spentMs = 0;
  const clock: Clock = {
    wallMs: () => inner.wallMs(),
    monotonicMs: () => inner.monotonicMs() + spentMs,
    after: (ms, job) => inner.after(ms, job),
  };
  const world = new TailWorld({ clock });
  inner = world.clock;
  const pushes: string[] = [];
  class Output extends TestOutput {
    readonly file: string;
    constructor(file: string) {
      super();
      this.file = file;
    }
    override push(batch: Batch, entry: LedgerEntry): void {
      super.push(batch, entry);
      pushes.push(this.file);
      spentMs += 4;
      if (pushes.length === 40) world.files.append("/var/log/quiet.log", "lonely\n");
    }
  }
  const files = ["a", "b", "c", "d", "e", "f", "quiet"];
  for (const file of files) {
    world.files.write(
      `/var/log/${file}.log`,
      `${file}\n` + (file === "quiet" ? "" : "0123456789\n".repeat(1 << 18)),
    );
    world.follow(`/var/log/${file}.log`, [new Output(file)]);
  }
  world.clock.advance(50);
  assert.ok(pushes.length > 60, "there is a backlog");
  const waited = pushes.lastIndexOf("quiet") - 39;
  assert.ok(waited > 0 && waited <= 15, `${waited} pushes of 4 ms each`);
});

Deno.test("tail reads a line in a quiet file between two polls while all others wait for room", () => {
  const world = new TailWorld();
  const full = new TestOutput(), quiet = new TestOutput();
  world.files.write(LOG, "one\n");
  world.files.write("/var/log/quiet.log", "first\n");
  world.follow(LOG, [full]);
  world.follow("/var/log/quiet.log", [quiet]);
  world.clock.advance(1_000);
  full.roomBytes = 0;
  world.files.append(LOG, "two\n");
  // Just behind a poll.
  world.clock.advance(101);
  world.files.append("/var/log/quiet.log", "lonely\n");
  // Acknowledgements come, and leave no room.
  for (let ms = 0; ms < 2 * GLANCE_MS; ms += 5) {
    world.tail.wake();
    world.clock.advance(5);
  }
  assert.deepEqual(quiet.got, ["first", "lonely"]);
  assert.deepEqual(full.got, ["one"]);
});

Deno.test("tail reads a growing file among many once at each poll, without a look whether it grew", () => {
  const world = new TailWorld({ pollsAsMany: true });
  const output = new TestOutput();
  world.files.write(LOG, "one\n".repeat(400));
  world.follow(LOG, [output]);
  world.clock.advance(2_000);
  const readsOf = (polls: number, lines: number) => {
    const { read } = { ...world.files.calls };
    for (let poll = 0; poll < polls; poll++) {
      world.files.append(LOG, "two\n".repeat(lines));
      world.clock.advance(100);
    }
    return world.files.calls.read - read;
  };
  readsOf(10, 1);
  const reads = readsOf(100, 1);
  assert.ok(reads >= 100 && reads <= 110, `${reads} reads in 100 polls`);
  readsOf(10, 0);
  const still = readsOf(100, 0);
  assert.ok(still >= 90 && still <= 110, `${still} reads in 100 polls of the file at rest`);
});

Deno.test("tail takes files that were old when it started for old ones, and sees within a second when they grow", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  for (let i = 0; i < 150; i++) world.files.write(`/var/log/${i}/app.log`, "one\n");
  world.clock.advance(120_000);
  for (let i = 0; i < 150; i++) world.follow(`/var/log/${i}/app.log`, [output]);
  world.clock.advance(2_000);
  const { stat } = { ...world.files.calls };
  world.clock.advance(2_000);
  assert.ok(world.files.calls.stat - stat < 150 * 8, "they are looked at once a second");
  world.files.append("/var/log/7/app.log", "two\n");
  world.clock.advance(1_100);
  assert.equal(output.got.at(-1), "two");
  world.files.append("/var/log/7/app.log", "three\n");
  world.clock.advance(110);
  assert.equal(output.got.at(-1), "three", "a file that grew is looked at often");
});

Deno.test("tail notices within three seconds that one of many old files was rotated", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  for (let i = 0; i < 150; i++) {
    world.files.write(`/var/log/${i}/app.log`, "one\n");
    world.follow(`/var/log/${i}/app.log`, [output]);
  }
  world.clock.advance(90_000);
  world.files.rename("/var/log/7/app.log", "/var/log/7/app.log.1");
  world.files.write("/var/log/7/app.log", "two\n");
  world.clock.advance(3_100);
  assert.equal(output.got.at(-1), "two");
});

Deno.test("tail notices other bytes in a file whose size and time of modification are what they were", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, "one\n");
  world.follow(LOG, [output]);
  world.clock.advance(300);
  world.files.write(LOG, "two\n");
  world.clock.setWall(1_700_000_000_000);
  world.files.write(LOG, "two\n");
  world.clock.advance(1_200);
  assert.deepEqual(output.got, ["one", "two"]);
});

Deno.test("tail notices other bytes in one of many files whose size and time of modification are what they were", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  for (let i = 0; i < 600; i++) {
    world.files.write(`/var/log/${i}/app.log`, "one\n");
    world.follow(`/var/log/${i}/app.log`, [output]);
  }
  world.clock.advance(3_000);
  world.files.write("/var/log/7/app.log", "two\n");
  world.clock.advance(200);
  assert.equal(output.got.at(-1), "two", "a read at the end tells, whatever the path does");
  world.clock.advance(90_000);
  world.files.write("/var/log/8/app.log", "two\n");
  world.clock.advance(1_200);
  assert.equal(output.got.filter((text) => text === "two").length, 2);
});

Deno.test("tail looks into one of many empty files before its first bytes are read", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  for (let i = 0; i < 150; i++) {
    world.files.write(`/var/log/${i}/app.log`, "");
    world.follow(`/var/log/${i}/app.log`, [output], { skipBinary: true });
  }
  world.clock.advance(90_000);
  world.files.append("/var/log/7/app.log", "a\0\0\0\x01\x02\n");
  world.files.append("/var/log/8/app.log", "text\n");
  world.clock.advance(3_100);
  assert.deepEqual(output.got, ["text"]);
});
