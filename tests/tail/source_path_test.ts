import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { PathView } from "../../src/core/host.ts";
import { glob, LINES, TailWorld, TestOutput } from "../support/tail_world.ts";

const FOLDER = "/var/log";
/** Long enough to tell files apart. */
const LONG = "one: a line that is long enough to tell";
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

Deno.test("source path opens what came to it just before its container ended", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write("/log/a.log", "one\n");
  const follow = world.follow("/log/a.log", [output]);
  world.clock.advance(500);
  world.files.rename("/log/a.log", "/log/a.log.1");
  world.clock.advance(150);
  world.files.write("/log/a.log", "two\n");
  follow.finish();
  world.clock.advance(20_000);
  assert.deepEqual(output.got, ["one", "two"]);
  assert.ok(follow.done);
});

/** UTF-16 with its byte order mark. */
function utf16(text: string, bigEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 + text.length * 2));
  bytes.setUint16(0, 0xfeff, !bigEndian);
  for (let i = 0; i < text.length; i++) bytes.setUint16(2 + i * 2, text.charCodeAt(i), !bigEndian);
  return new Uint8Array(bytes.buffer);
}

Deno.test("source path reads what came and was rotated away while it led nowhere, when its container ends", () => {
  for (const select of [`${FOLDER}/app.log`, glob(FOLDER, "app.log")]) {
    const world = new TailWorld();
    const output = new TestOutput();
    world.files.reuseInodes = false;
    world.files.write(`${FOLDER}/app.log`, `${LONG}\n`);
    const follow = world.follow(select, [output]);
    world.clock.advance(2_000);
    world.files.unlink(`${FOLDER}/app.log`);
    world.clock.advance(10_000);
    world.files.write(`${FOLDER}/app.log`, "missed\n");
    world.files.rename(`${FOLDER}/app.log`, `${FOLDER}/app.log.1`);
    world.clock.advance(1_000);
    follow.finish();
    world.clock.advance(20_000);
    assert.deepEqual(output.got, [LONG, "missed"]);
    assert.ok(follow.done);
    assert.equal(world.files.openCount, 0);
  }
});

Deno.test("source path aligns a tail limit to a line of UTF-16, in both byte orders", () => {
  for (const bigEndian of [false, true]) {
    const world = new TailWorld();
    const output = new TestOutput();
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`);
    world.files.write("/log/a.log", utf16(`${lines.join("\n")}\n`, bigEndian));
    world.follow("/log/a.log", [output], {
      framing: { ...LINES, encoding: "utf16" },
      firstContact: { tailBytesMax: 101, written: true },
    });
    world.clock.advance(500);
    assert.deepEqual(output.got, lines.slice(-5));
  }
});

Deno.test("source path learns the byte order of a file that was empty when it was opened", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write("/log/a.log", "");
  world.follow("/log/a.log", [output], { framing: { ...LINES, encoding: "utf16" } });
  world.clock.advance(500);
  world.files.append("/log/a.log", utf16("hello\n", true));
  world.clock.advance(500);
  assert.deepEqual(output.got, ["hello"]);
});

Deno.test("source path reads the copy of a file that was truncated before anything of it was taken", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  output.roomBytes = 0;
  const lines = ["one", "two", "a line that makes the beginning long enough to tell"];
  world.files.write("/log/a.log", `${lines.join("\n")}\n`);
  world.follow("/log/a.log", [output]);
  world.clock.advance(500);
  world.files.copy("/log/a.log", "/log/a.log.1");
  world.files.truncate("/log/a.log");
  world.files.append("/log/a.log", "four\n");
  world.clock.advance(500);
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(20_000);
  assert.deepEqual(output.got, [...lines, "four"]);
  assert.equal(world.tail.losses.bytesLost, 0);
});

Deno.test("source path books what was truncated before anything of it was taken", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  output.roomBytes = 0;
  world.files.write("/log/a.log", "one\ntwo\n");
  world.follow("/log/a.log", [output]);
  world.clock.advance(500);
  world.files.truncate("/log/a.log");
  world.files.append("/log/a.log", "four\n");
  output.roomBytes = 1 << 20;
  world.tail.wake();
  world.clock.advance(20_000);
  assert.deepEqual(output.got, ["four"]);
  assert.equal(world.tail.losses.bytesLost, 8);
});

Deno.test("source path takes no file for a copy that was there before the file that is copied", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  // Nobody's: it is older than the agent, and was not read.
  world.files.write("/log/a.log.1", `${LONG}\nold\n`);
  world.files.write("/log/a.log", `${LONG}\n`);
  world.clock.advance(1_000);
  world.follow("/log/a.log", [output]);
  world.clock.advance(500);
  world.files.unlink("/log/a.log");
  world.files.write("/log/a.log", `${LONG}\n`);
  world.clock.advance(500);
  world.files.truncate("/log/a.log");
  world.files.append("/log/a.log", "new\n");
  world.clock.advance(5_000);
  assert.deepEqual(output.got, [LONG, LONG, "new"]);
});

Deno.test("source path leaves a file to the name under which it is read when its own is gone and that one moves on", () => {
  const world = new TailWorld();
  const [one, other] = [new TestOutput(), new TestOutput(false)];
  const view: PathView = { id: "c", candidates: (path) => [{ path, mayStayOpen: false }] };
  world.files.reuseInodes = false;
  world.files.write("/log/a.log", `${LONG}\n`);
  world.follow("/log/a.log", [one], { view });
  world.clock.advance(1_000);
  const rotate = (text: string) => {
    world.files.rename("/log/a.log", "/log/a.log.1");
    world.files.write("/log/a.log", text);
  };
  rotate("two\n");
  world.clock.advance(1_000);
  // For a pattern that comes later the rotated file is a source of its own. The first one finds that it is gone.
  world.follow(glob("/log", "a*"), [other], { view, pipeline: "late" });
  world.clock.advance(2_000);
  world.files.unlink("/log/a.log.1");
  rotate("three\n");
  world.clock.advance(5_000);
  assert.deepEqual(one.got, [LONG, "two", "three"]);
  assert.deepEqual(other.got, ["two", LONG, "three"]);
});

Deno.test("source path goes on when the copy of a truncated file cannot be read for a while", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write("/log/a.log", `${LONG}\n`);
  world.follow("/log/a.log", [output]);
  world.clock.advance(500);
  world.files.append("/log/a.log", "two\n");
  world.files.copy("/log/a.log", "/log/a.log.1");
  world.files.truncate("/log/a.log");
  world.files.failing.add("/log/a.log.1");
  world.clock.advance(1_000);
  world.files.failing.delete("/log/a.log.1");
  world.clock.advance(40_000);
  world.files.append("/log/a.log", "three\n");
  world.clock.advance(5_000);
  assert.deepEqual(output.got, [LONG, "two", "three"]);
});

Deno.test("source path tries a missed generation again that cannot be read for a while", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  world.files.write("/log/a.log", "one\n");
  world.follow("/log/a.log", [output]);
  world.clock.advance(500);
  world.files.rename("/log/a.log", "/log/a.log.2");
  world.files.write("/log/a.log.1", "two\n");
  world.files.denied.add("/log/a.log.1");
  world.files.write("/log/a.log", "three\n");
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["one", "three"]);
  world.files.denied.clear();
  world.clock.advance(10_000);
  assert.deepEqual(output.got, ["one", "three", "two"]);
});

Deno.test("source path is read on while the file system cannot say how another file is", () => {
  const world = new TailWorld();
  const [blocked, output] = [new TestOutput(), new TestOutput()];
  blocked.roomBytes = 0;
  const open = world.files.open.bind(world.files);
  let isStale = false;
  world.files.open = (view, path) => {
    const opened = open(view, path);
    if ("refused" in opened || path !== "/log/stale.log") return opened;
    const { file } = opened;
    const info = () => {
      if (isStale) throw new Error("Stale file handle");
      return file.info();
    };
    return { ...opened, file: { ...file, info } };
  };
  world.files.write("/log/stale.log", "one\n");
  world.files.write("/log/b.log", "one\n");
  world.follow("/log/stale.log", [blocked]);
  world.follow("/log/b.log", [output]);
  world.clock.advance(500);
  isStale = true;
  world.clock.advance(3_000);
  world.files.append("/log/b.log", "two\n");
  world.clock.advance(3_000);
  assert.deepEqual(output.got, ["one", "two"]);
});
