import assert from "node:assert/strict";
import fc from "fast-check";
import { TurnQueue } from "../../src/tail/turn_queue.ts";

Deno.test("TurnQueue gives each item once, in the order it came", () => {
  const queue = new TurnQueue<string>();
  for (const item of ["a", "b", "a", "c"]) queue.add(item);
  assert.equal(queue.size, 3);
  assert.deepEqual([queue.take(), queue.take(), queue.take(), queue.take()], ["a", "b", "c", undefined]);
});

Deno.test("TurnQueue behaves as a list without doubles does, whatever is done", () => {
  const step = fc.tuple(fc.constantFrom("add", "add", "delete", "take", "clear"), fc.nat(5));
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const queue = new TurnQueue<number>();
    let list: number[] = [];
    for (const [what, item] of steps) {
      if (what === "add") {
        queue.add(item);
        if (!list.includes(item)) list.push(item);
      } else if (what === "delete") {
        queue.delete(item);
        list = list.filter((each) => each !== item);
      } else if (what === "take") assert.equal(queue.take(), list.shift());
      else if (item === 0) {
        queue.clear();
        list = [];
      }
      assert.equal(queue.size, list.length);
      assert.equal(queue.has(item), list.includes(item));
    }
  }));
});

Deno.test("TurnQueue keeps its order over the trimming of a long queue", () => {
  const queue = new TurnQueue<number>();
  for (let i = 0; i < 5_000; i++) queue.add(i);
  for (let i = 0; i < 20_000; i++) {
    assert.equal(queue.take(), i % 5_000);
    queue.add(i % 5_000);
  }
  assert.equal(queue.size, 5_000);
});
