import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteBudget, HOLDER_BYTES_MIN } from "../../src/agent/budget.ts";

const MIB = 1024 * 1024;

Deno.test("ByteBudget gives all of it to one holder, and equal parts to those that hold bytes", () => {
  const budget = new ByteBudget(16 * MIB);
  const one = budget.holder("one");
  const two = budget.holder("two");
  assert.equal(one.cap(), 16 * MIB);
  two.used = 1;
  assert.equal(one.cap(), 8 * MIB, "the asking one counts, too");
  assert.equal(two.cap(), 16 * MIB, "the other one holds nothing");
  one.used = 100;
  assert.equal(two.cap(), 8 * MIB);
  assert.equal(budget.usedBytes, 101);
});

Deno.test("ByteBudget leaves the floor to a stalled holder and the rest to the others", () => {
  const budget = new ByteBudget(16 * MIB);
  const dead = budget.holder("dead");
  const live = budget.holder("live");
  dead.used = 8 * MIB;
  live.used = 1;
  assert.equal(live.cap(), 8 * MIB);
  dead.stalled = true;
  assert.equal(dead.cap(), HOLDER_BYTES_MIN);
  assert.equal(HOLDER_BYTES_MIN, 64 * 1024);
  assert.equal(live.cap(), 16 * MIB - HOLDER_BYTES_MIN);
  dead.stalled = false;
  assert.equal(dead.cap(), 8 * MIB);
});

Deno.test("ByteBudget never gives less than the floor", () => {
  const budget = new ByteBudget(256 * 1024);
  const holders = Array.from({ length: 10 }, (_, i) => budget.holder(String(i)));
  for (const holder of holders) holder.used = 1;
  for (const holder of holders) assert.equal(holder.cap(), HOLDER_BYTES_MIN);
});

Deno.test("ByteBudget follows a change of its size and forgets a closed holder", () => {
  const budget = new ByteBudget(16 * MIB);
  const one = budget.holder("one");
  const two = budget.holder("two");
  one.used = two.used = 10;
  budget.bytesMax = 4 * MIB;
  assert.equal(one.cap(), 2 * MIB);
  two.close();
  assert.equal(one.cap(), 4 * MIB);
  assert.equal(budget.usedBytes, 10);
});

Deno.test("ByteBudget's caps together never exceed the budget when it is large enough for the floors", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ used: fc.nat(1 << 24), stalled: fc.boolean() }), { minLength: 1, maxLength: 20 }),
    (states) => {
      const budget = new ByteBudget(16 * MIB);
      const holders = states.map((state, i) => Object.assign(budget.holder(String(i)), state));
      const sharing = holders.filter(({ used, stalled }) => stalled || used > 0);
      const total = sharing.reduce((sum, holder) => sum + (holder.used > 0 ? holder.cap() : 0), 0);
      assert.ok(total <= 16 * MIB + sharing.length * HOLDER_BYTES_MIN);
      for (const holder of holders) assert.ok(holder.cap() >= HOLDER_BYTES_MIN);
    },
  ));
});
