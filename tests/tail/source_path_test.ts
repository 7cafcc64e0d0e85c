import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { glob, LINES, TailWorld, TestOutput } from "../support/tail_world.ts";

const FOLDER = "/var/log";
const NUL = new Uint8Array([0x61, 0, 0, 0]);

function refusedOf(world: TailWorld): Record<string, readonly string[]> {
  return Object.fromEntries([...world.tail.refused].map(([reason, { paths }]) => [reason, paths]));
}

// covers: file_log.SkipBinaryFiles, input_file.SkipBinaryFiles
Deno.test("source path leaves out binary and compressed files when asked, once each", () => {
  for (const skipBinary of [true, false]) {
    const world = new TailWorld();
    const output = new TestOutput();
    world.files.write(`${FOLDER}/app.log`, "text\n");
    world.files.write(`${FOLDER}/wtmp`, NUL);
    world.files.write(`${FOLDER}/old.log.gz`, gzipSync(new TextEncoder().encode("old\n")));
    world.follow(glob(FOLDER, "*"), [output], { skipBinary });
    world.clock.advance(5_000);
    assert.ok(output.got.includes("text"));
    assert.deepEqual(
      refusedOf(world),
      skipBinary ? { compressed: [`${FOLDER}/old.log.gz`], binary: [`${FOLDER}/wtmp`] } : {},
    );
    assert.equal(world.files.openCount, skipBinary ? 1 : 3);
    assert.equal(
      world.logLines.filter((line) => line.includes("File is not read")).length,
      skipBinary ? 2 : 0,
    );
  }
});

Deno.test("source path looks into a file that was empty before its first bytes are read", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(`${FOLDER}/wtmp`, "");
  world.files.write(`${FOLDER}/app.log`, "");
  world.follow(glob(FOLDER, "*"), [output], { skipBinary: true });
  world.clock.advance(2_000);
  world.files.append(`${FOLDER}/wtmp`, NUL);
  world.files.append(`${FOLDER}/wtmp`, "\n");
  world.files.append(`${FOLDER}/app.log`, "text\n");
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["text"]);
  assert.deepEqual(refusedOf(world), { binary: [`${FOLDER}/wtmp`] });
  assert.equal(world.files.openCount, 1);
});

Deno.test("source path reads the text file that takes a binary one's place", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.reuseInodes = false;
  world.files.write(`${FOLDER}/app.log`, NUL);
  world.follow(`${FOLDER}/app.log`, [output], { skipBinary: true });
  world.clock.advance(2_000);
  world.files.replace(`${FOLDER}/app.log`, "text\n");
  world.clock.advance(2_000);
  assert.deepEqual(output.got, ["text"]);
});

Deno.test("source path reads UTF-16 when the encoding says so", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(`${FOLDER}/app.log`, new Uint8Array([0x61, 0, 0x0a, 0]));
  world.follow(`${FOLDER}/app.log`, [output], {
    skipBinary: true,
    framing: { ...LINES, encoding: "utf16" },
  });
  world.clock.advance(2_000);
  assert.deepEqual(output.got, ["a"]);
});

Deno.test("source path tries a file without permission again every few seconds", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write(`${FOLDER}/app.log`, "text\n");
  world.files.denied.add(`${FOLDER}/app.log`);
  world.follow(`${FOLDER}/app.log`, [output]);
  world.clock.advance(10_000);
  assert.ok(world.files.calls.open <= 6, `opened ${world.files.calls.open} times`);
  assert.deepEqual(refusedOf(world), { denied: [`${FOLDER}/app.log`] });
  world.files.denied.clear();
  world.clock.advance(6_000);
  assert.deepEqual(output.got, ["text"]);
});

Deno.test("a folder that cannot be listed is named", () => {
  const world = new TailWorld();
  world.files.write(`${FOLDER}/private/app.log`, "text\n");
  world.files.denied.add(`${FOLDER}/private`);
  world.follow(glob(FOLDER, "*", 3), [new TestOutput()]);
  world.clock.advance(3_000);
  assert.deepEqual(refusedOf(world), { denied: [`${FOLDER}/private`] });
});
