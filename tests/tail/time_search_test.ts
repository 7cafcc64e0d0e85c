import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesBefore } from "../../src/tail/time_search.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

const BORN_MS = Date.parse("2026-01-01T00:00:00Z");

function search(text: string): number {
  const files = new MemoryFiles();
  files.write("/a.log", text);
  const opened = files.open(hostView("/"), "/a.log");
  assert.ok("file" in opened);
  return bytesBefore(opened.file, BORN_MS, text.length);
}

/** A line of containerd or docker, this many milliseconds from the moment. */
function line(fromMs: number, text: string, docker: boolean): string {
  const time = new Date(BORN_MS + fromMs).toISOString().replace("Z", "000001Z");
  return docker ? `{"log":"${text}\\n","stream":"stdout","time":"${time}"}\n` : `${time} stdout F ${text}\n`;
}

Deno.test("bytesBefore finds the first line that is not older, wherever it is", () => {
  const lines = fc.array(fc.tuple(fc.nat(300), fc.boolean()), { maxLength: 40 });
  fc.assert(fc.property(lines, lines, (older, younger) => {
    const before = older.map(([length, docker], at) => line(at - older.length, "o".repeat(length), docker));
    const behind = younger.map(([length, docker], at) => line(at, "y".repeat(length), docker));
    assert.equal(search([...before, ...behind].join("")), before.join("").length);
  }));
});

Deno.test("bytesBefore steps over lines without a time", () => {
  const older = line(-2, "a", false) + "no runtime wrote this\n" + line(-1, "b", false);
  assert.equal(search(older + line(0, "c", false)), older.length);
});

Deno.test("bytesBefore counts bytes without any time as young", () => {
  assert.equal(search("one\ntwo\n"), 0);
  assert.equal(search(""), 0);
});

Deno.test("bytesBefore takes a whole file that is older", () => {
  const text = line(-2, "a", true) + line(-1, "b", true);
  assert.equal(search(text), text.length);
});
