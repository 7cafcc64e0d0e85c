import assert from "node:assert/strict";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { HeldBytes } from "../../src/tail/held_bytes.ts";
import { encode, MemoryFile } from "./assembler_harness.ts";

function load(held: HeldBytes): string {
  const { bytes, length } = held.load();
  return new TextDecoder().decode(bytes.subarray(0, length));
}

const FILE = "aaa\nbbb\n" + "-".repeat(20_000) + "\nccc\nddd\n";

function fill(budget: HeldBudget): { held: HeldBytes; file: MemoryFile } {
  const file = new MemoryFile(encode(FILE));
  const held = new HeldBytes(budget, file);
  for (const line of ["aaa\n", "bbb\n", "ccc\n"]) {
    const at = FILE.indexOf(line);
    held.add(file.bytes, at, at + 4, at);
  }
  return { held, file };
}

Deno.test("HeldBytes gives its lines from memory while the budget allows", () => {
  const budget = new HeldBudget(1000);
  const { held, file } = fill(budget);
  assert.equal(load(held), "aaa\nbbb\nccc\n");
  assert.equal(file.reads, 0);
  held.release();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("HeldBytes reads its lines again when they were dropped, neighbours in one call", () => {
  const budget = new HeldBudget(1);
  const { held, file } = fill(budget);
  assert.equal(budget.usedBytes, 0);
  assert.equal(load(held), "aaa\nbbb\nccc\n");
  assert.equal(file.reads, 2);
});

Deno.test("HeldBytes says what is missing when the file was cut", () => {
  const { held, file } = fill(new HeldBudget(1));
  file.bytes = file.bytes.subarray(0, 6);
  assert.equal(held.load().missing, 6);
});

Deno.test("HeldBytes keeps its bytes once they are pinned, and takes more", () => {
  const budget = new HeldBudget(1);
  const { held, file } = fill(budget);
  assert.equal(held.pin(), 0);
  file.bytes = new Uint8Array(0);
  held.add(encode("ddd\n"), 0, 4, 0);
  assert.equal(load(held), "aaa\nbbb\nccc\nddd\n");
  held.release();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("HeldBytes adds all of a later one, dropped or not", () => {
  for (const limit of [1, 1000]) {
    const budget = new HeldBudget(limit);
    const { held, file } = fill(budget);
    const later = new HeldBytes(budget, file);
    const at = FILE.length - 4;
    later.add(file.bytes, at, at + 4, at);
    held.addAll(later);
    assert.equal(load(held), "aaa\nbbb\nccc\nddd\n");
    held.release();
    assert.equal(budget.usedBytes, 0);
  }
});

Deno.test("HeldBytes keeps no copy of a long record, and reads it again with what comes behind", () => {
  const budget = new HeldBudget(10_000_000);
  const file = new MemoryFile(encode("x".repeat(100_000) + "end\n"));
  const held = new HeldBytes(budget, file);
  for (let at = 0; at < 100_000; at += 20_000) held.add(file.bytes, at, at + 20_000, at);
  assert.equal(budget.usedBytes, 0);
  held.add(file.bytes, 100_000, 100_004, 100_000);
  assert.equal(budget.usedBytes, 0);
  const { bytes, length } = held.load();
  assert.deepEqual(bytes.slice(0, length), file.bytes);
  assert.equal(held.pin(), 0);
  assert.equal(budget.usedBytes, 100_004, "its file goes away");
});
