import assert from "node:assert/strict";
import { textOf } from "../support/tree.ts";
import { type Baseline, moveOf, stageText } from "./stage_report.ts";

const line = (ns: number) => ({ ns, per: "line" });
const baseline: Baseline = { about: "a quiet day", stages: { split: line(100), regex: line(1000) } };

Deno.test("moveOf says slower or faster when a stage changed by more than a tenth", () => {
  assert.deepEqual([111, 109, 91, 89].map((ns) => moveOf(line(ns), line(100))), [
    "slower",
    "same",
    "same",
    "faster",
  ]);
});

Deno.test("moveOf says new when there is nothing to compare with", () => {
  assert.equal(moveOf(line(1), undefined), "new");
  assert.equal(moveOf({ ns: 1, per: "byte" }, line(1)), "new");
});

Deno.test("stageText names the stages that moved when there are some", () => {
  const text = stageText({ split: line(150), regex: line(850), crc: { ns: 0.5, per: "byte" } }, baseline);
  assert.match(text, /^baseline: a quiet day\n/);
  assert.match(text, /^split +150\.0 ns per line +100\.0 +\+50 % {2}SLOWER$/m);
  assert.match(text, /^crc +0\.500 ns per byte +- +new$/m);
  assert.match(text, /\nmoved beyond 10 %: split \(\+50 %\), regex \(-15 %\)$/);
});

Deno.test("stageText says so when no stage moved", () => {
  assert.match(stageText({ split: line(105) }, baseline), /\nno stage moved beyond 10 %$/);
});

Deno.test("baseline.json has a figure above 0 for every stage", () => {
  const { stages } = JSON.parse(textOf("tests/bench/baseline.json")) as Baseline;
  assert.ok(Object.keys(stages).length > 8);
  for (const [name, { ns, per }] of Object.entries(stages)) {
    assert.ok(ns > 0 && (per === "byte" || per === "line"), name);
  }
});
