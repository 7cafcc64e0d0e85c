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
