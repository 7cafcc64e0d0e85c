import assert from "node:assert/strict";
import { type Droppable, HeldBudget } from "../../src/tail/held_budget.ts";

function holder(budget: HeldBudget, bytes: number): Droppable & { dropped: boolean } {
  return {
    dropped: false,
    cachedBytes: bytes,
    drop() {
      this.dropped = true;
      (this as { cachedBytes: number }).cachedBytes = 0;
      budget.remove(bytes);
    },
  };
}

Deno.test("HeldBudget drops the largest holder when it is full", () => {
  const budget = new HeldBudget(100);
  const small = holder(budget, 20), large = holder(budget, 70), asking = holder(budget, 30);
  budget.add(small, 20);
  budget.add(large, 70);
  assert.equal(large.dropped, false);
  budget.add(asking, 30);
  assert.deepEqual([small.dropped, large.dropped, asking.dropped], [false, true, false]);
  assert.equal(budget.usedBytes, 50);
  assert.equal(budget.dropCount, 1);
});

Deno.test("HeldBudget drops the one that asks when it is the largest", () => {
  const budget = new HeldBudget(10);
  const asking = holder(budget, 11);
  budget.add(asking, 11);
  assert.ok(asking.dropped);
});

Deno.test("HeldBudget throws when more is given back than was taken", () => {
  assert.throws(() => new HeldBudget(10).remove(1), /^Error: BUG/);
});
