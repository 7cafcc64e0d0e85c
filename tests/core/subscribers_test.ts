import assert from "node:assert/strict";
import { Subscribers } from "../../src/core/subscribers.ts";

Deno.test("Subscribers tells the others when one throws, and reports it", () => {
  const errors: unknown[] = [];
  const subscribers = new Subscribers<number>((error) => errors.push(error));
  const told: number[] = [];
  subscribers.add(() => {
    throw new Error("one");
  });
  subscribers.add((value) => told.push(value));
  subscribers.tell(7);
  assert.deepEqual([told, errors.map(String)], [[7], ["Error: one"]]);
});

Deno.test("Subscribers ends one subscription when the same function has two, and all when it is cleared", () => {
  const subscribers = new Subscribers<number>(() => {});
  const told: number[] = [];
  const take = (value: number) => told.push(value);
  const end = subscribers.add(take);
  subscribers.add(take);
  subscribers.tell(1);
  end();
  end();
  subscribers.tell(2);
  subscribers.clear();
  subscribers.tell(3);
  assert.deepEqual(told, [1, 1, 2]);
});
