import assert from "node:assert/strict";
import fc from "fast-check";
import { Ledger, type LedgerEntry, resumeAt, resumesWithout } from "../../src/core/ledger.ts";

const at = (...done: number[]) => ({ done });

Deno.test("Ledger moves safe only over a settled prefix", () => {
  let moves = 0;
  const ledger = new Ledger(at(0), () => moves++);
  const one = ledger.open(at(10)), two = ledger.open(at(20)), three = ledger.open(at(30));
  three.settle();
  assert.deepEqual(ledger.safe, at(0));
  assert.equal(moves, 0);
  one.settle();
  assert.deepEqual(ledger.safe, at(10));
  assert.equal(ledger.openCount, 2);
  two.settle();
  assert.deepEqual(ledger.safe, at(30));
  assert.equal(moves, 2);
  assert.equal(ledger.openCount, 0);
});

Deno.test("LedgerEntry waits for every hold, and says when it is settled too often", () => {
  const ledger = new Ledger(at(0), () => {});
  const entry = ledger.open(at(5));
  entry.hold();
  entry.settle();
  assert.equal(entry.settled, false);
  entry.settle();
  assert.equal(entry.settled, true);
  assert.throws(() => entry.settle(), /BUG/);
  assert.throws(() => entry.hold(), /BUG/);
});

Deno.test("LedgerEntry settles the entry of the older generation with it", () => {
  const old = new Ledger(at(0), () => {}), young = new Ledger(at(0), () => {});
  const older = old.open(at(100));
  older.hold();
  older.settle();
  const before = young.open(at(3));
  const younger = young.open(at(7));
  younger.also = older;
  assert.deepEqual(old.safe, at(0));
  younger.settle();
  assert.deepEqual(old.safe, at(0), "the younger file would be read again from before it");
  before.settle();
  assert.deepEqual([old.safe, young.safe], [at(100), at(7)]);
});

Deno.test("resumeAt is the smallest offset", () => {
  assert.equal(resumeAt(at(7)), 7);
  assert.equal(resumeAt(at(90, 12)), 12);
});

Deno.test("Ledger's safe is the end of the settled prefix after settlements in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(1000)), { maxLength: 200 }), (plan) => {
      const ledger = new Ledger(at(0), () => {});
      const entries: { entry: LedgerEntry; left: number }[] = [];
      const open = () => {
        const entry = ledger.open(at(entries.length + 1));
        entries.push({ entry, left: 1 });
      };
      for (const [what, which] of plan) {
        const pick = entries.filter(({ left }) => left > 0);
        if (what === 0 || pick.length === 0) open();
        else {
          const chosen = pick[which % pick.length];
          if (what === 1) chosen.entry.hold(), chosen.left++;
          else chosen.entry.settle(), chosen.left--;
        }
        const first = entries.findIndex(({ left }) => left > 0);
        const prefix = first < 0 ? entries.length : first;
        assert.deepEqual(ledger.safe, at(prefix));
        assert.equal(ledger.openCount, entries.length - prefix);
      }
    }),
  );
});

Deno.test("resumesWithout tells where ledgers would stand, and changes nothing", () => {
  const old = new Ledger(at(0), () => {}), young = new Ledger(at(0), () => {});
  const older = old.open(at(100));
  const [first, second, third] = [young.open(at(3)), young.open(at(7)), young.open(at(9))];
  for (const entry of [first, second, second, third]) entry.hold();
  for (const entry of [first, second, third]) entry.settle();
  first.also = older;
  const resumes = resumesWithout(new Map([[first, 1], [second, 2]]));
  assert.deepEqual([resumes.get(young), resumes.get(old)], [at(7), at(100)]);
  assert.deepEqual([young.safe, old.safe], [at(0), at(0)]);
  assert.deepEqual(resumesWithout(new Map([[first, 1], [second, 1]])).get(young), at(3));
  assert.deepEqual(resumesWithout(new Map([[second, 2]])).get(young), at(0));
});
