import assert from "node:assert/strict";
import { type DataKind, expectedFields, fileText, LINES_PER_EVENT, message } from "./bench_data.ts";

const kinds = Object.keys(LINES_PER_EVENT) as DataKind[];
const EVENTS = 400;

for (const kind of kinds) {
  Deno.test(`fileText of ${kind} has the stated number of lines an event, and every number once`, () => {
    const text = Array.from({ length: EVENTS }, (_, n) => fileText(kind, n)).join("");
    assert.equal(text.split("\n").length - 1, EVENTS * LINES_PER_EVENT[kind]);
    const numbers = [...text.matchAll(/\bn-(\d{10})/g)].map(([, digits]) => Number(digits));
    assert.deepEqual(numbers, Array.from({ length: EVENTS }, (_, n) => n));
  });
}

Deno.test("fileText of chinese has Chinese text in every fifth line", () => {
  const is = Array.from({ length: 10 }, (_, n) => /\p{Script=Han}/u.test(fileText("chinese", n)));
  assert.deepEqual(is, Array.from({ length: 10 }, (_, n) => n % 5 === 0));
});

Deno.test("fileText of pieces is a P and an F that make up the message when joined", () => {
  const [p, f] = fileText("pieces", 20).split("\n").map((line) => /^\S+ stdout (\w) (.*)$/.exec(line)!);
  assert.deepEqual([p[1], f[1], p[2] + f[2]], ["P", "F", message("pieces", 20)]);
});

Deno.test("expectedFields takes the time of an event's last line when it has several", () => {
  for (const kind of ["pieces", "java"] as const) {
    const last = fileText(kind, 20).trimEnd().split("\n").at(-1)!;
    assert.equal(new Map(expectedFields(kind, "raw", 20)).get("_time_"), last.split(" ")[0]);
  }
});

Deno.test("expectedFields gives the groups of the expression when lines have Chinese text", () => {
  const fields = new Map(expectedFields("chinese", "regex", 5));
  assert.match(fields.get("path")!, /^\/\p{Script=Han}+.*\?q=n-0000000005&/u);
});
