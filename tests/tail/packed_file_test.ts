import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { Gunzip } from "../../src/host/gunzip.ts";
import { PackedDesk } from "../../src/tail/packed_desk.ts";
import { openSibling, PackedFile } from "../../src/tail/packed_file.ts";
import { PackedSurvey } from "../../src/tail/packed_survey.ts";
import { hostView, MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

const BYTES = Uint8Array.from({ length: 12 << 20 }, (_, i) => (i >> 8) ^ (i >> 13));
const PATH = "/a.log.1.gz";

function setUp() {
  const clock = new VirtualClock();
  const files = new MemoryFiles(clock);
  files.write(PATH, gzipSync(BYTES));
  const desk = new PackedDesk(clock, () => new Gunzip(), () => 0);
  const raw = () => {
    const opened = files.open(hostView("/"), PATH);
    if ("refused" in opened) throw new Error("refused");
    return opened.file;
  };
  const survey = new PackedSurvey(raw(), new Gunzip());
  survey.head();
  survey.want([5_000_000]);
  while (survey.step(1 << 20) === null);
  const packed = survey.facts();
  survey.close();
  const open = () => {
    const opened = openSibling({ files, desk }, hostView("/"), { path: PATH, packed });
    if ("refused" in opened) return opened.refused;
    return opened.file as PackedFile;
  };
  return { clock, files, open };
}

Deno.test("PackedFile reads at any place, and what was kept without unpacking", () => {
  const { files, open } = setUp();
  const file = open() as PackedFile;
  const into = new Uint8Array(300_000);
  const reads = files.calls.read;
  for (const [at, length] of [[0, 1_024], [4_999_936, 64], [BYTES.length - 64, 64], [BYTES.length, 64]]) {
    const got = file.read(into, 0, length, at);
    assert.deepEqual(into.slice(0, got), BYTES.slice(at, at + length));
  }
  assert.equal(files.calls.read, reads);
  for (const at of [0, 250_000, 9_000_000, 8_900_000, 3_000_000, BYTES.length - 1_000, 7]) {
    const got = file.read(into, 0, into.length, at);
    assert.equal(got, Math.min(into.length, BYTES.length - at));
    assert.equal(Buffer.compare(into.slice(0, got), BYTES.slice(at, at + got)), 0, `at ${at}`);
  }
  assert.deepEqual([file.info().sizeBytes, file.info().device], [BYTES.length, -2]);
  file.close();
  assert.equal(files.openCount, 0);
});

Deno.test("PackedFile lets others run on the way to a place, and costs one pass when it is read forwards", async () => {
  const { clock, files, open } = setUp();
  const file = open() as PackedFile;
  const into = new Uint8Array(100_000);
  const far = file.readSlowly(into, 0, into.length, 11_000_000);
  assert.equal(clock.pending, 1, "it waits");
  await clock.run(10);
  assert.equal(await far, into.length);
  assert.equal(Buffer.compare(into, BYTES.slice(11_000_000, 11_100_000)), 0);
  const reads = files.calls.read;
  for (let at = 11_050_000; at < BYTES.length; at += 20_000) {
    await file.readSlowly(into, 0, into.length, at);
    file.read(into, 0, 64, at);
  }
  assert.ok(files.calls.read - reads <= 3, `${files.calls.read - reads} reads`);
});

Deno.test("openSibling finds a packed file that has another number by now", () => {
  const { files, open } = setUp();
  files.rename(PATH, "/a.log.2.gz");
  files.write(PATH, gzipSync("another"));
  const file = open() as PackedFile;
  assert.equal(file.info().sizeBytes, BYTES.length);
  files.unlink("/a.log.2.gz");
  assert.equal(open(), "failed");
});

Deno.test("PackedFile says how much is missing when its file is not what it was", () => {
  const { files, open } = setUp();
  const file = open() as PackedFile;
  const missing: number[] = [];
  file.broke = (bytes) => missing.push(bytes);
  files.truncate(PATH, 1_000);
  const into = new Uint8Array(100_000);
  for (let at = 0, got = 1; got > 0; at += got) got = file.read(into, 0, into.length, at);
  assert.equal(missing.length, 1);
  assert.equal(file.info().sizeBytes, BYTES.length - missing[0]);
  assert.equal(open(), "failed", "another size than that of the look");
});
