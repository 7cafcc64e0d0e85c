import assert from "node:assert/strict";
import { MemoryGovernor } from "../../src/telemetry/memory_governor.ts";

const MB = 1024 * 1024;

function governor(limitMb: number | null = 500): MemoryGovernor {
  return new MemoryGovernor({
    limitBytes: limitMb === null ? null : limitMb * MB,
    fullBudgetBytes: 16 * MB,
    smallestBudgetBytes: 1 * MB,
  });
}

function sample(rssMb: number, heldMb: number, nowMs: number) {
  return { rssBytes: rssMb * MB, heldBytes: heldMb * MB, nowMs };
}

Deno.test("MemoryGovernor gives the full budget when memory is below 80 % or unlimited", () => {
  assert.deepEqual(governor().rule(sample(399, 5, 0)), {
    budgetBytes: 16 * MB,
    mayRead: true,
    floorBytes: null,
  });
  assert.equal(governor(null).rule(sample(9999, 5, 0)).budgetBytes, 16 * MB);
});

Deno.test("MemoryGovernor shrinks the budget above 80 % and lets it grow back slowly", () => {
  const one = governor();
  assert.equal(one.rule(sample(425, 5, 0)).budgetBytes, 8 * MB);
  assert.equal(one.rule(sample(449, 5, 1)).budgetBytes, 1 * MB);
  let last = 1 * MB;
  for (let i = 0; i < 40; i++) {
    const { budgetBytes } = one.rule(sample(300, 5, 2 + i));
    assert.ok(budgetBytes >= last && budgetBytes <= last * 1.11 + 1);
    last = budgetBytes;
  }
  assert.equal(last, 16 * MB);
});

Deno.test("MemoryGovernor stops reading above 90 % until memory falls", () => {
  const one = governor();
  assert.equal(one.rule(sample(449, 8, 0)).mayRead, true);
  assert.equal(one.rule(sample(455, 8, 1)).mayRead, false);
  assert.equal(one.rule(sample(440, 8, 2)).mayRead, false);
  assert.equal(one.rule(sample(430, 8, 3)).mayRead, true);
});

Deno.test("MemoryGovernor names the floor once and reads on when memory stays high with nothing held", () => {
  const one = governor();
  one.rule(sample(300, 8, 0));
  for (let t = 1; t < 20; t++) assert.equal(one.rule(sample(470, 3, t * 1000)).mayRead, false);
  assert.equal(one.rule(sample(470, 0, 20_000)).mayRead, false);
  assert.equal(one.rule(sample(470, 0, 24_999)).mayRead, false);
  assert.deepEqual(one.rule(sample(470, 0, 25_000)), {
    budgetBytes: 1 * MB,
    mayRead: true,
    floorBytes: 470 * MB,
  });
  assert.deepEqual(one.rule(sample(480, 1, 26_000)), {
    budgetBytes: 1 * MB,
    mayRead: true,
    floorBytes: null,
  });
});

Deno.test("MemoryGovernor names the floor at once when the limit is below it at the start", () => {
  const one = governor(64);
  const ruling = one.rule(sample(90, 0, 0));
  assert.deepEqual(ruling, { budgetBytes: 1 * MB, mayRead: true, floorBytes: 90 * MB });
});

Deno.test("MemoryGovernor gives the full budget again when memory fell after a floor was named", () => {
  const one = governor(100);
  one.rule(sample(95, 0, 0));
  let ruling = one.rule(sample(70, 0, 1000));
  for (let i = 0; i < 40; i++) ruling = one.rule(sample(70, 0, 2000 + i));
  assert.equal(ruling.budgetBytes, 16 * MB);
  one.rule(sample(95, 4, 3000));
  assert.equal(one.rule(sample(95, 0, 4000)).floorBytes, null);
  assert.deepEqual(one.rule(sample(95, 0, 9000)), { budgetBytes: 1 * MB, mayRead: true, floorBytes: null });
});
