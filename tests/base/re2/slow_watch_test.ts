import assert from "node:assert/strict";
import { SlowWatch } from "../../../src/base/re2/slow_watch.ts";

/** A watch over subjects of this length that take this long each; the clock shows whole milliseconds. */
function watched(chars: number, ms: (n: number) => number) {
  let nowMs = 0;
  let asked = 0;
  const watch = new SlowWatch(() => {
    asked++;
    return Math.floor(nowMs);
  });
  /** Number of the subject at which it was told, -1: of none. */
  const run = (count: number): number => {
    for (let n = 0; n < count; n++) {
      const beganMs = watch.begin(chars);
      nowMs += ms(n);
      if (beganMs >= 0 && watch.end(beganMs, chars)) return n;
    }
    return -1;
  };
  return { watch, run, asked: () => asked };
}

Deno.test("SlowWatch tells within a tenth of a second when short lines take 150 µs each", () => {
  const { watch, run } = watched(32, () => 0.15);
  const at = run(5_000);
  assert.ok(at >= 0 && at < 700, `${at}`);
  assert.equal(watch.isSlow, true);
});

Deno.test("SlowWatch tells after a few long lines that take 15 ms each", () => {
  const { run } = watched(32 * 1024, () => 15);
  assert.equal(run(100), 3);
});

Deno.test("SlowWatch does not tell when lines are quick, and asks for the time of few", () => {
  const { watch, run, asked } = watched(200, () => 0.001);
  assert.equal(run(200_000), -1);
  assert.ok(asked() < 30_000, `${asked()}`);
  assert.equal(watch.isSlow, false);
});

Deno.test("SlowWatch does not tell when the program is stopped now and then, or the clock is set", () => {
  const paused = watched(200, (n) => n % 500 === 0 ? 10 : 0.001);
  assert.equal(paused.run(200_000), -1);
  const setBack = watched(4_000, (n) => n % 50 === 0 ? -3_600_000 : 0.01);
  assert.equal(setBack.run(10_000), -1);
});

Deno.test("SlowWatch sends a bounded number of subjects elsewhere, more each time that it is slow again", () => {
  let ms = 0.15;
  const { watch, run } = watched(32, () => ms);
  const away = () => {
    let count = 0;
    for (; watch.isSlow; count++) watch.countAway();
    return count;
  };
  run(5_000);
  assert.equal(away(), 8_192);
  assert.ok(run(5_000) < 40, "each is timed when it is tried again");
  assert.equal(away(), 16_384);
  for (let n = 0; n < 9; n++) {
    run(5_000);
    away();
  }
  run(5_000);
  assert.equal(away(), 131_072);
  ms = 0.001;
  assert.equal(run(5_000), -1);
  ms = 0.15;
  run(5_000);
  assert.equal(away(), 8_192, "what was quick again is not held against it");
});

Deno.test("SlowWatch never tells without a clock", () => {
  assert.equal(new SlowWatch(undefined).begin(5_000), -1);
});
