import assert from "node:assert/strict";
import type { Batch } from "../../src/core/batch.ts";
import type { LedgerEntry } from "../../src/core/ledger.ts";
import { CHUNK_BYTES } from "../../src/tail/arena_pool.ts";
import { LINES, TestOutput } from "../support/tail_world.ts";
import { LOG, ReaderBed, someSource } from "./reader_bed.ts";

Deno.test("FileReader reads each byte once for all lanes at the same place", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\ntwo\n");
  const outputs = [new TestOutput(), new TestOutput()];
  const reader = bed.read(LOG, outputs);
  const before = bed.files.calls.read;
  assert.equal(bed.turns(reader), "end");
  assert.equal(bed.tools.bytesRead.value, 8);
  assert.equal(bed.files.calls.read - before, 1);
  for (const { got } of outputs) assert.deepEqual(got, ["one", "two"]);
});

Deno.test("FileReader lets a lane without room fall behind and catch up", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const [quick, slow] = [new TestOutput(), new TestOutput()];
  slow.roomBytes = 0;
  const reader = bed.read(LOG, [quick, slow]);
  assert.equal(bed.turns(reader), "blocked");
  bed.files.append(LOG, "two\n");
  bed.turns(reader);
  assert.deepEqual([quick.got, slow.got], [["one", "two"], []]);
  slow.roomBytes = 1_000;
  assert.equal(bed.turns(reader), "end");
  assert.deepEqual([quick.got, slow.got], [["one", "two"], ["one", "two"]]);
});

Deno.test("FileReader keeps lanes together whose flushers share a room that is short", () => {
  const bed = new ReaderBed();
  const lines = Array.from({ length: 8_000 }, (_, number) => `line ${number} with some text`);
  bed.files.write(LOG, lines.join("\n") + "\n");
  const shared = { bytes: 0 };
  class Sharing extends TestOutput {
    override room(): number {
      return shared.bytes;
    }
    override push(batch: Batch, entry: LedgerEntry): void {
      shared.bytes -= batch.textBytes;
      super.push(batch, entry);
    }
  }
  const outputs = [new Sharing(), new Sharing(), new Sharing()];
  const reader = bed.read(LOG, outputs);
  let turns = 0;
  for (; outputs.some(({ got }) => got.length < lines.length); turns++) {
    assert.ok(turns < 100);
    shared.bytes = 200_000;
    bed.turns(reader);
  }
  assert.ok(turns > 2, "the room was short");
  const { value } = bed.tools.bytesRead;
  assert.ok(value < 1.02 * reader.sizeBytes, `${value} bytes read of ${reader.sizeBytes}`);
  for (const { got } of outputs) assert.deepEqual(got, lines);
});

/** Has room until four batches wait, and up to `joiningMax` for lines that are read anyway. */
class Queued extends TestOutput {
  waiting = 0;
  readonly #joiningMax: number;

  constructor(joiningMax: number) {
    super();
    this.#joiningMax = joiningMax;
  }

  override room(joining = false): number {
    return this.waiting < (joining ? this.#joiningMax : 4) ? 1 << 20 : 0;
  }

  override push(batch: Batch, entry: LedgerEntry): void {
    this.waiting++;
    super.push(batch, entry);
  }
}

Deno.test("FileReader reads once for lanes whose queues get full one by one", () => {
  const bed = new ReaderBed();
  const lines = Array.from({ length: 60_000 }, (_, number) => `line ${number} with some text`);
  bed.files.write(LOG, lines.join("\n") + "\n");
  const outputs = Array.from({ length: 5 }, () => new Queued(12));
  const reader = bed.read(LOG, outputs);
  let turns = 0;
  for (; outputs.some(({ got }) => got.length < lines.length); turns++) {
    assert.ok(turns < 1_000);
    bed.turns(reader);
    const served = outputs[turns % outputs.length];
    served.waiting = Math.max(0, served.waiting - 1);
  }
  assert.ok(turns > 20, "queues were full");
  const { value } = bed.tools.bytesRead;
  assert.ok(value < 1.02 * reader.sizeBytes, `${value} bytes read of ${reader.sizeBytes}`);
  for (const { got } of outputs) assert.deepEqual(got, lines);
});

Deno.test("FileReader takes a chunk to its end when a queue gets full on the way", () => {
  const bed = new ReaderBed();
  const lines = Array.from({ length: 60_000 }, (_, number) => `line ${number} with some text`);
  bed.files.write(LOG, lines.join("\n") + "\n");
  const output = new Queued(30);
  const reader = bed.read(LOG, [output]);
  const before = bed.files.calls.read;
  while (bed.turns(reader) !== "end") output.waiting = 0;
  assert.deepEqual(output.got, lines);
  const reads = Math.ceil(reader.sizeBytes / CHUNK_BYTES) + 1;
  assert.ok(bed.files.calls.read - before <= reads, `${bed.files.calls.read - before} reads`);
});

Deno.test("FileReader lets a lane go on to the end when another one's room was used up on the way", () => {
  const bed = new ReaderBed();
  const lines = Array.from({ length: 5_000 }, (_, number) => `line ${number} with some text`);
  bed.files.write(LOG, lines.join("\n") + "\n");
  class Short extends TestOutput {
    override push(batch: Batch, entry: LedgerEntry): void {
      this.roomBytes -= batch.textBytes;
      super.push(batch, entry);
    }
  }
  const [quick, short] = [new TestOutput(), new Short()];
  short.roomBytes = 50_000;
  const reader = bed.read(LOG, [quick, short]);
  assert.equal(bed.turns(reader), "blocked");
  assert.deepEqual(quick.got, lines);
  assert.ok(short.got.length > 0 && short.got.length < lines.length);
  assert.ok(quick.caughtUps > 0);
  short.roomBytes = 1 << 20;
  assert.equal(bed.turns(reader), "end");
  assert.deepEqual(short.got, lines);
});

Deno.test("FileReader takes a line longer than a chunk in one piece when the limit allows", () => {
  const bed = new ReaderBed();
  const line = "x".repeat(CHUNK_BYTES + 10_000);
  bed.files.write(LOG, `${line}\nnext\n`);
  const output = new TestOutput();
  const reader = bed.read(LOG, [output], { ...LINES, recordBytesMax: 1 << 20 });
  assert.equal(bed.turns(reader), "end");
  assert.deepEqual(output.got, [line, "next"]);
});

Deno.test("FileReader notices that the bytes before its cursor changed, and takes nothing", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const output = new TestOutput();
  const reader = bed.read(LOG, [output]);
  bed.turns(reader);
  bed.files.write(LOG, "ONE\ntwo\n");
  assert.equal(bed.turns(reader), "changed");
  bed.files.write(LOG, "o");
  assert.equal(bed.turns(reader), "changed");
  assert.deepEqual(output.got, ["one"]);
});

Deno.test("FileReader sees a truncation also when the lane at the begin reads no further than the next one is", () => {
  const bed = new ReaderBed();
  const lines = Array.from({ length: 9 }, (_, number) => `line ${number} that is long enough to tell`);
  bed.files.write(LOG, lines.slice(0, 1).join("\n") + "\n");
  const outputs = [new TestOutput(), new TestOutput()];
  const reader = bed.read(LOG, outputs);
  outputs[0].roomBytes = 0;
  bed.turns(reader);
  bed.files.write(LOG, lines.join("\n") + "\n");
  reader.noteDisk(bed.files.lstat(LOG)!.sizeBytes, 0);
  outputs[1].roomBytes = 0;
  bed.turns(reader);
  reader.sizeBytes = reader.diskBytes;
  reader.noteHead();
  bed.files.write(LOG, lines.map((line) => line.toUpperCase()).join("\n") + "\n");
  outputs[0].roomBytes = 1_000;
  assert.equal(bed.turns(reader), "changed");
  assert.deepEqual(outputs[0].got, []);
});

Deno.test("FileReader ends a last line without newline after the flush time, not before", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\nopen");
  const output = new TestOutput();
  const reader = bed.read(LOG, [output], { ...LINES, flushTimeoutMs: 3_000 });
  bed.turns(reader);
  bed.clock.advance(2_999);
  bed.turns(reader);
  assert.deepEqual(output.got, ["one"]);
  assert.equal(reader.unreadBytes, 4);
  bed.clock.advance(1);
  bed.turns(reader);
  assert.deepEqual(output.got, ["one", "open"]);
  bed.files.append(LOG, "\nmore\n");
  bed.turns(reader);
  assert.deepEqual(output.got, ["one", "open", "more"], "its newline is no line");
});

Deno.test("FileReader reads a slow file outside the turn, with the same records", async () => {
  const bed = new ReaderBed();
  bed.files.remote.add("/var/log");
  bed.files.write(LOG, "one\ntwo\n");
  const output = new TestOutput();
  const reader = bed.read(LOG, [output]);
  assert.equal(reader.slow, true);
  const turn = reader.turnSlowly(bed.tools, () => true);
  assert.equal(reader.reading, true);
  assert.equal(await turn, "end");
  assert.deepEqual([output.got, reader.reading], [["one", "two"], false]);
  bed.files.append(LOG, "three\n");
  assert.equal(await reader.turnSlowly(bed.tools, () => false), "waiting", "nobody wants it any more");
  assert.equal(output.got.length, 2);
});

Deno.test("FileReader keeps why a read failed, and goes on later", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const output = new TestOutput();
  const reader = bed.read(LOG, [output]);
  bed.files.failing.add(LOG);
  assert.equal(bed.turns(reader), "failed");
  assert.match(String(reader.failure), /app\.log/);
  bed.files.failing.clear();
  assert.equal(bed.turns(reader), "end");
  assert.deepEqual(output.got, ["one"]);
});

Deno.test("FileReader.isStill while the file ends where it was read, with the bytes that were there", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "");
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  assert.equal(reader.isStill(), true, "nothing in it");
  bed.files.append(LOG, `${"x".repeat(100)}\n`);
  assert.equal(reader.isStill(), false, "it grew");
  bed.turns(reader);
  assert.equal(reader.isStill(), true);
  bed.files.append(LOG, "not yet a line");
  bed.turns(reader);
  assert.equal(reader.isStill(), false, "no lane is at its end");
  bed.files.append(LOG, "\n");
  bed.turns(reader);
  assert.equal(reader.isStill(), true);
  const text = `${"x".repeat(100)}\nnot yet a line\n`;
  bed.files.write(LOG, text.slice(0, -2) + "!\n");
  assert.equal(reader.isStill(), false, "other bytes");
  bed.files.write(LOG, text.slice(1));
  assert.equal(reader.isStill(), false, "truncated");
  bed.files.write(LOG, text);
  assert.equal(reader.isStill(), true);
});

Deno.test("FileReader.rests when it was read to its end, and not after more was read or another lane came", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const output = new TestOutput();
  const reader = bed.read(LOG, [output]);
  assert.equal(reader.rests, false);
  bed.turns(reader);
  assert.deepEqual([reader.rests, reader.rests], [true, true]);
  bed.files.append(LOG, "two\npart");
  bed.turns(reader);
  assert.equal(reader.rests, false, "a line may end by time");
  bed.files.append(LOG, "\n");
  bed.turns(reader);
  assert.deepEqual([reader.rests, reader.rests], [true, true]);
  reader.lanes[0].atEnd = false;
  assert.equal(reader.rests, false, "it must be seen at its end once more");
  bed.turns(reader);
  assert.equal(reader.rests, true);
  bed.readers.attach(reader, someSource(), [bed.lane(new TestOutput(), undefined, 0, "g")]);
  assert.equal(reader.rests, false, "a lane has not read yet");
  bed.turns(reader);
  assert.equal(reader.rests, true);
  bed.files.append(LOG, "three\n");
  output.roomBytes = 0;
  reader.turn(bed.tools);
  assert.equal(reader.rests, false, "a lane without room is behind");
});
