import assert from "node:assert/strict";
import {
  formatDuration,
  parseDuration,
  parseFlag,
  parseInteger,
  parseNumber,
} from "../../src/config/scalars.ts";

Deno.test("parseFlag reads the words of YAML 1.1 and 1.2 in any case", () => {
  for (const word of ["true", "True", "YES", "on", "y"]) assert.equal(parseFlag(word), true, word);
  for (const word of ["false", "FALSE", "no", "Off", "n"]) assert.equal(parseFlag(word), false, word);
  for (const word of ["", "1", "0", "truee", "enabled"]) assert.equal(parseFlag(word), null, word);
});

Deno.test("parseInteger reads whole numbers and nothing that would be rounded", () => {
  const cases: [string, number | null][] = [
    ["0", 0],
    ["007", 7],
    ["-12", -12],
    ["+3", 3],
    ["0x1F", 31],
    ["0o17", 15],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", null],
    ["1.0", null],
    ["1e3", null],
    ["1_000", null],
    ["", null],
    [" 1", null],
  ];
  for (const [text, want] of cases) assert.equal(parseInteger(text), want, text);
});

Deno.test("parseNumber reads decimals and refuses infinities", () => {
  const cases: [string, number | null][] = [
    ["0.5", 0.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["-2.", -2],
    ["1e999", null],
    [".inf", null],
    ["", null],
  ];
  for (const [text, want] of cases) assert.equal(parseNumber(text), want, text);
});

Deno.test("parseDuration reads Go's spans and nanoseconds, and refuses what is below a millisecond", () => {
  const cases: [string, ReturnType<typeof parseDuration>][] = [
    ["30s", { ms: 30_000 }],
    ["250ms", { ms: 250 }],
    ["1m30s", { ms: 90_000 }],
    ["1.5h", { ms: 5_400_000 }],
    ["1500us", { ms: 1.5 }],
    ["3000000000", { ms: 3000 }],
    ["0", { ms: 0 }],
    ["0s", { ms: 0 }],
    ["30", { refused: "tiny", ns: 30 }],
    ["999999", { refused: "tiny", ns: 999_999 }],
    ["10us", { refused: "tiny" }],
    ["", { refused: "form" }],
    ["-1s", { refused: "form" }],
    ["3 s", { refused: "form" }],
    ["1d", { refused: "form" }],
    ["soon", { refused: "form" }],
  ];
  for (const [text, want] of cases) assert.deepEqual(parseDuration(text), want, text);
});

Deno.test("formatDuration writes what parseDuration reads", () => {
  for (const ms of [1, 250, 1000, 90_000, 1500]) assert.deepEqual(parseDuration(formatDuration(ms)), { ms });
});
