import assert from "node:assert/strict";
import type { ConsumedRecord } from "./kafka_consume.ts";
import { fateOf, fateText, judge, oracleRecords, repeatWindowMs } from "./oracle.ts";
import { oracleLines, oracleWriter, readOracleLine } from "./oracle_lines.ts";
import { mustRun } from "./process.ts";

/** A line of stream `a`, written at 990 ms. */
const lineOf = (sequence: number) => oracleLines("a", sequence, sequence, 990).trimEnd();

/** Records one a millisecond from 1000 on. */
function recordsOf(lines: string[]): ConsumedRecord[] {
  return lines.map((Value, offset) => {
    const text = JSON.stringify({ Time: 1, Contents: [{ Key: "content", Value }] });
    const value = new TextEncoder().encode(text);
    return { partition: 0, offset, timestampMs: 1000 + offset, key: null, value, headers: [] };
  });
}

const records = (...sequences: number[]) => recordsOf(sequences.map(lineOf));
const verdictOf = (lines: string[], count: number) => judge(recordsOf(lines), { a: count });

Deno.test("fateOf finds nothing wrong when each line came once and in order", () => {
  const fate = fateOf(oracleRecords(records(1, 2, 3)), "a", 3);
  assert.deepEqual(fate, {
    stream: "a",
    lines: 3,
    lost: [],
    lostCount: 0,
    disorder: 0,
    repeats: [],
    jumpsBack: 0,
    partitions: 1,
    latencyMs: { median: 11, p99: 11, highest: 12 },
  });
  assert.equal(repeatWindowMs(fate, []), 0);
  assert.match(fateText(fate), /^a: 3 records, lost 0, .*latency p50\/p99\/max 11\/11\/12 ms$/);
});

Deno.test("fateOf names lost lines, repeats and disorder when there are any", () => {
  const fate = fateOf(oracleRecords(records(1, 2, 4, 3, 2, 3, 6)), "a", 6);
  assert.deepEqual(fate.lost, [5]);
  assert.equal(fate.disorder, 1);
  assert.deepEqual(fate.repeats.map((repeat) => repeat.sequence), [2, 3]);
  assert.equal(fate.jumpsBack, 2);
  assert.equal(repeatWindowMs(fate, [1004]), 3);
  assert.throws(() => repeatWindowMs(fate, [1009]), /without any kill/);
});

Deno.test("judge finds a lost, a repeated and a moved line", () => {
  const figures = ({ lost, repeated, damaged, disorder }: ReturnType<typeof judge>) => [
    ...[lost, repeated, damaged, disorder],
  ];
  assert.deepEqual(figures(verdictOf([1, 2, 3].map(lineOf), 3)), [0, 0, 0, 0]);
  assert.deepEqual(figures(verdictOf([1, 3].map(lineOf), 3)), [1, 0, 0, 0]);
  assert.deepEqual(figures(verdictOf([1, 2, 3, 2].map(lineOf), 3)), [0, 1, 0, 0]);
  assert.deepEqual(figures(verdictOf([2, 1, 3].map(lineOf), 3)), [0, 0, 0, 1]);
  const { text } = verdictOf([1, 1, 3].map(lineOf), 3);
  assert.match(text, /^3 lines in 1 streams: lost 1, repeated 1, damaged 0, out of order 0; latency/);
});

Deno.test("judge takes a stream that nobody wrote, and a sequence beyond the last, for damage", () => {
  assert.equal(verdictOf([lineOf(1), oracleLines("b", 1, 1).trimEnd()], 1).damaged, 1);
  assert.equal(verdictOf([lineOf(1), lineOf(2)], 1).damaged, 1);
});

Deno.test("a line counts as damaged when any one of its characters is another one, is missing or is doubled", () => {
  const line = lineOf(45);
  assert.deepEqual(readOracleLine(line), { stream: "a", sequence: 45, writtenMs: 990 });
  for (let at = 0; at < line.length; at++) {
    const other = line[at] === "1" ? "2" : "1";
    const forms = [other, "", line[at] + line[at], "\u0000"];
    for (const form of forms) {
      const broken = line.slice(0, at) + form + line.slice(at + 1);
      assert.equal(readOracleLine(broken), undefined, broken);
      const verdict = verdictOf([broken], 45);
      assert.deepEqual([verdict.damaged, verdict.lost], [1, 45]);
    }
  }
});

Deno.test("oracleRecords throws when a line is damaged, or a part of one", () => {
  assert.throws(() => oracleRecords(recordsOf([lineOf(5).slice(0, -1)])), /1 damaged/);
  assert.throws(() => oracleRecords(recordsOf([lineOf(5) + lineOf(6)])), /1 damaged/);
});

Deno.test("oracleWriter writes what oracleLines says when a shell runs it, at the time it does", async () => {
  const before = Date.now();
  const script = oracleWriter({ stream: "w", bursts: 3, perBurst: 5, pauseSeconds: 0 });
  const lines = (await mustRun(["sh", "-c", script])).trimEnd().split("\n");
  const read = lines.map((line) => readOracleLine(line)!);
  assert.deepEqual(read.map((line) => line.sequence), Array.from({ length: 15 }, (_, at) => at + 1));
  for (const [at, { writtenMs }] of read.entries()) {
    assert.ok(writtenMs > before - 30 && writtenMs <= Date.now() + 10, `${writtenMs} at ${before}`);
    assert.equal(lines[at], oracleLines("w", at + 1, at + 1, writtenMs).trimEnd());
  }
});
