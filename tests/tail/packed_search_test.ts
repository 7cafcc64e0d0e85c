import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { hostView } from "../support/virtual_host.ts";
import { RUNTIME, TailWorld, TestOutput } from "../support/tail_world.ts";

const LOG = "/var/log/app.log";

/** All of a file. */
function bytesOf(path: string, world: TailWorld): Uint8Array {
  const opened = world.files.open(hostView("/"), path);
  if ("refused" in opened) throw new Error(`'${path}' is missing`);
  const bytes = new Uint8Array(opened.file.info().sizeBytes);
  opened.file.read(bytes, 0, bytes.length, 0);
  opened.file.close();
  return bytes;
}

function lines(from: number, to: number, pad = 40): string {
  let text = "";
  for (let line = from; line <= to; line++) text += `${line} ${"x".repeat(pad)}\n`;
  return text;
}

/** Takes so many records, and then none until there is room again. */
class LimitedOutput extends TestOutput {
  recordsMax = 0;

  override room(): number {
    return this.got.length < this.recordsMax ? 40_000 : 0;
  }
}

/** Numbers of the lines, in order of arrival. */
function numbers(output: TestOutput): number[] {
  return output.got.map((text) => Number.parseInt(text));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Packs a file as gzip does: under a new name, and the old one goes. */
function pack(world: TailWorld, path: string, to = `${path}.gz`): void {
  const packed = gzipSync(bytesOf(path, world));
  world.files.unlink(path);
  world.files.write(to, packed);
}

/** Lines 1 to 10 are delivered, then the agent is away. */
async function away(reuseInodes = true): Promise<{ world: TailWorld; back: () => Promise<TestOutput> }> {
  const world = new TailWorld();
  world.files.reuseInodes = reuseInodes;
  const output = new TestOutput();
  world.files.write(LOG, lines(1, 10));
  world.follow(LOG, [output]);
  await world.clock.run(1_000);
  assert.deepEqual(numbers(output), range(1, 10));
  world.tail.stopReading();
  world.clock.advance(60_000);
  const back = async () => {
    const again = new TestOutput();
    world.restart();
    world.follow(LOG, [again]);
    await world.clock.run(20_000);
    world.tail.stopReading();
    world.tail.save();
    return again;
  };
  return { world, back };
}

for (const reuse of [true, false]) {
  Deno.test(`PackedSearch goes on amid a file that was packed meanwhile (inode numbers reused: ${reuse})`, async () => {
    const { world, back } = await away(reuse);
    world.files.append(LOG, lines(11, 20));
    world.files.rename(LOG, `${LOG}.2`);
    world.files.write(`${LOG}.1`, lines(21, 30));
    pack(world, `${LOG}.2`);
    world.files.write(LOG, lines(31, 40));
    assert.deepEqual(numbers(await back()), range(11, 40));
    assert.equal(world.tail.losses.bytesLost, 0);
    assert.deepEqual([...world.tail.refused], []);
    world.clock.advance(60_000);
    world.files.append(LOG, lines(41, 41));
    assert.deepEqual(numbers(await back()), [41], "nothing twice after another start");
  });
}

Deno.test("PackedSearch reads packed generations that were never seen, in the order of their names", async () => {
  const { world, back } = await away();
  world.files.append(LOG, lines(11, 12));
  world.files.rename(LOG, `${LOG}.3`);
  pack(world, `${LOG}.3`);
  world.files.write(`${LOG}.2`, lines(13, 15));
  pack(world, `${LOG}.2`);
  world.files.write(`${LOG}.1`, lines(16, 18));
  pack(world, `${LOG}.1`);
  world.files.write(`${LOG}.audit.gz`, gzipSync(lines(100, 101)));
  world.files.write(LOG, lines(19, 20));
  assert.deepEqual(numbers(await back()), range(11, 20));
  assert.deepEqual(numbers(await back()), []);
});

Deno.test("PackedSearch reads packed logs of a path that was never read, if they are younger than the store", async () => {
  const world = new TailWorld();
  world.files.write(`${LOG}.2`, lines(1, 2));
  pack(world, `${LOG}.2`);
  world.clock.advance(1_000);
  world.follow("/var/log/other.log", [new TestOutput()]);
  await world.clock.run(60_000);
  world.tail.stopReading();
  world.restart();
  world.files.write(`${LOG}.1`, lines(3, 4));
  pack(world, `${LOG}.1`);
  world.files.write(LOG, lines(5, 6));
  const output = new TestOutput();
  world.follow(LOG, [output]);
  await world.clock.run(5_000);
  assert.deepEqual(numbers(output), range(3, 6));
});

Deno.test("PackedSearch does not read again what was delivered before it was packed", async () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, lines(1, 10));
  world.follow(LOG, [output]);
  await world.clock.run(1_000);
  for (let next = 11; next < 31; next += 10) {
    world.files.rename(LOG, `${LOG}.${next}`);
    world.files.write(LOG, lines(next, next + 9));
    await world.clock.run(20_000);
    // With the time at which it was packed, as the kubelet and dockerd do.
    pack(world, `${LOG}.${next}`);
    // Longer than rows of files that are gone are kept.
    await world.clock.run(30 * 60_000);
  }
  assert.deepEqual(numbers(output), range(1, 30));
  world.tail.stopReading();
  world.clock.advance(1_000);
  const calls = world.files.calls.read;
  world.restart();
  const again = new TestOutput();
  world.files.append(LOG, lines(31, 31));
  world.follow(LOG, [again]);
  await world.clock.run(20_000);
  assert.deepEqual(numbers(again), [31]);
  assert.ok(world.files.calls.read - calls < 1_000);
});

Deno.test("PackedSearch goes on inside a packed file after a crash, and with little room", async () => {
  const { world } = await away();
  world.files.append(LOG, lines(11, 60_000));
  world.files.rename(LOG, `${LOG}.1`);
  pack(world, `${LOG}.1`);
  world.files.write(LOG, lines(60_001, 60_010));
  const got: number[] = [];
  for (let starts = 1; starts <= 6; starts++) {
    const output = new LimitedOutput();
    output.recordsMax = starts < 6 ? 10_000 : Infinity;
    world.restart();
    world.follow(LOG, [output]);
    await world.clock.run(20_000);
    got.push(...numbers(output));
    if (starts < 6) assert.ok(got.length < 11_000 * starts, "the crash comes amid the file");
    world.tail.stopReading();
  }
  assert.deepEqual(got, range(11, 60_010));
});

Deno.test("PackedSearch names a damaged file, and what was seen of it is booked", async () => {
  const { world, back } = await away();
  // The rest was seen, but not acknowledged.
  for (const row of world.store.rows.values()) Object.assign(row, { seenBytes: row.anchor.at + 430 });
  world.files.append(LOG, lines(11, 20));
  world.files.rename(LOG, `${LOG}.1`);
  pack(world, `${LOG}.1`);
  const packed = bytesOf(`${LOG}.1.gz`, world);
  packed[packed.length - 6] ^= 0xff;
  world.files.write(`${LOG}.1.gz`, packed);
  world.files.write(LOG, lines(21, 21));
  assert.deepEqual(numbers(await back()), [21]);
  assert.deepEqual(world.tail.refused.get("packed_damaged")?.paths, [`${LOG}.1.gz`]);
  assert.equal(world.tail.losses.bytesLost, 430);
});

Deno.test("PackedSearch waits for a file that is still being packed", async () => {
  const { world } = await away();
  world.files.append(LOG, lines(11, 2_000));
  const whole = gzipSync(bytesOf(LOG, world));
  world.files.unlink(LOG);
  world.files.write(`${LOG}.1.gz`, whole.subarray(0, whole.length >> 1));
  world.files.write(LOG, lines(2_001, 2_002));
  const output = new TestOutput();
  world.restart();
  world.follow(LOG, [output]);
  await world.clock.run(5_000);
  assert.deepEqual(numbers(output), []);
  world.files.append(`${LOG}.1.gz`, whole.subarray(whole.length >> 1));
  await world.clock.run(5_000);
  assert.deepEqual(numbers(output), range(11, 2_002));
  assert.deepEqual([...world.tail.refused], []);
});

Deno.test("PackedSearch reads a file whose end never comes as far as it goes, and names it", async () => {
  const { world, back } = await away();
  world.files.append(LOG, lines(11, 20_000));
  const whole = gzipSync(bytesOf(LOG, world));
  world.files.unlink(LOG);
  world.files.write(`${LOG}.1.gz`, whole.subarray(0, whole.length >> 1));
  world.files.write(LOG, lines(30_001, 30_002));
  const got = numbers(await back());
  // The last line of what is there is no whole one: it comes last, when nothing follows.
  assert.deepEqual(got.slice(-3, -1), [30_001, 30_002]);
  assert.ok(got.length > 5_000, `${got.length}`);
  assert.deepEqual(got.slice(0, 5_000), range(11, 5_010));
  assert.deepEqual(world.tail.refused.get("packed_cut")?.paths, [`${LOG}.1.gz`]);
});

Deno.test("PackedSearch opens files that may not stay open for each read only", async () => {
  const world = new TailWorld();
  const view = {
    id: "c",
    candidates: (path: string) => [{ path: `/rootfs${path}`, mayStayOpen: false }],
  };
  const path = `/rootfs${LOG}`;
  world.files.write(path, lines(1, 10));
  world.follow(LOG, [new TestOutput()], { view });
  await world.clock.run(1_000);
  world.tail.stopReading();
  world.files.append(path, lines(11, 30_000));
  pack(world, path, `${path}.1.gz`);
  world.files.write(path, lines(30_001, 30_002));
  world.restart();
  const output = new LimitedOutput();
  output.recordsMax = 10_000;
  world.follow(LOG, [output], { view });
  await world.clock.run(5_000);
  assert.ok(output.got.length > 0 && output.got.length < 11_000, `${output.got.length}`);
  assert.equal(world.files.openCount, 0);
  // Rotated once more while it is read.
  world.files.rename(`${path}.1.gz`, `${path}.2.gz`);
  output.recordsMax = Infinity;
  world.tail.wake();
  await world.clock.run(30_000);
  assert.deepEqual(numbers(output), range(11, 30_002));
});

Deno.test("PackedSearch unpacks many packed logs soon, though few at a time", async () => {
  const world = new TailWorld();
  const output = new TestOutput();
  for (let log = 0; log < 40; log++) {
    const path = `/var/log/${log}.log`;
    for (const age of [2, 1]) {
      world.files.write(`${path}.${age}`, lines(100 * log + 10 * age, 100 * log + 10 * age + 4));
      pack(world, `${path}.${age}`);
    }
    world.files.write(path, lines(100 * log, 100 * log + 4));
    world.follow(path, [output], { originCreatedMs: world.clock.wallMs() + 1 });
  }
  await world.clock.run(5_000);
  assert.equal(output.got.length, 40 * 15);
});

Deno.test("PackedSearch lets a flusher without room hold up nobody but itself", async () => {
  const { world } = await away();
  const files = world.files;
  files.append(LOG, lines(11, 30_000));
  files.rename(LOG, `${LOG}.1`);
  pack(world, `${LOG}.1`);
  files.write(LOG, lines(30_001, 30_002));
  for (const row of [...world.store.rows.values()]) {
    const key = { ...row.key, flusher: "f1" };
    world.store.save([{ ...row, key }], []);
  }
  const [live, dead] = [new TestOutput(), new TestOutput()];
  dead.roomBytes = 0;
  world.restart();
  world.follow(LOG, [live, dead]);
  await world.clock.run(30_000);
  assert.deepEqual(numbers(live), range(11, 30_002));
  dead.roomBytes = 1 << 20;
  world.tail.wake();
  await world.clock.run(30_000);
  assert.deepEqual(numbers(dead), range(11, 30_002));
});

Deno.test("PackedSearch believes the lines of a runtime's file more than the time at which it was packed", async () => {
  const at = (ms: number, text: string) => `${new Date(ms).toISOString()} stdout F ${text}\n`;
  const world = new TailWorld();
  const path = "/var/log/pods/p/c/0.log";
  const more = { framing: RUNTIME };
  const begin = world.clock.wallMs();
  world.files.write(path, at(begin, `1 ${"x".repeat(40)}`));
  world.follow(path, [new TestOutput()], more);
  await world.clock.run(60_000);
  world.tail.stopReading();
  // Nobody knows this one any more; it was packed after the last save.
  world.clock.advance(10_000);
  const old = `${path}.20231114-221320`;
  world.files.write(old, at(begin - 1_000, "0"));
  pack(world, old);
  // This one was written meanwhile.
  const young = `${path}.20231114-221425`;
  world.files.write(young, at(world.clock.wallMs(), "2"));
  pack(world, young);
  world.files.rename(path, `${path}.20231114-221430`);
  world.files.write(path, at(world.clock.wallMs(), "3"));
  world.restart();
  const output = new TestOutput();
  world.follow(path, [output], more);
  await world.clock.run(5_000);
  assert.deepEqual(numbers(output), [2, 3]);
});

Deno.test("a file that is packed while it is held open is read to its end, once", async () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(LOG, lines(1, 10));
  world.follow(LOG, [output]);
  await world.clock.run(1_000);
  output.roomBytes = 0;
  world.files.append(LOG, lines(11, 20));
  await world.clock.run(1_000);
  world.files.rename(LOG, `${LOG}.1`);
  pack(world, `${LOG}.1`);
  world.files.write(LOG, lines(21, 30));
  await world.clock.run(1_000);
  output.roomBytes = 1 << 20;
  world.tail.wake();
  await world.clock.run(20_000);
  assert.deepEqual(numbers(output), range(1, 30));
  world.tail.stopReading();
  world.restart();
  const again = new TestOutput();
  world.follow(LOG, [again]);
  await world.clock.run(20_000);
  assert.deepEqual(numbers(again), []);
});
