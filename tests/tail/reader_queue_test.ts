import assert from "node:assert/strict";
import fc from "fast-check";
import { CHUNK_BYTES } from "../../src/tail/arena_pool.ts";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { ReaderQueue } from "../../src/tail/reader_queue.ts";

/** A reader, as far as the queue knows it. */
function reader(name: string, unreadBytes: number): FileReader & { name: string } {
  return { name, unreadBytes } as FileReader & { name: string };
}

function takeAll(queue: ReaderQueue): string[] {
  const names: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    names.push((next as ReturnType<typeof reader>).name);
  }
  return names;
}

Deno.test("ReaderQueue lets a reader with one line in before a row of backlogs, and these among many with a line", () => {
  const queue = new ReaderQueue();
  for (let i = 0; i < 4; i++) queue.add(reader(`long ${i}`, CHUNK_BYTES));
  queue.add(reader("short", 100));
  assert.deepEqual(takeAll(queue), ["short", "long 0", "long 1", "long 2", "long 3"]);
  for (let i = 0; i < 4; i++) queue.add(reader(`short ${i}`, 0));
  queue.add(reader("long", CHUNK_BYTES));
  const order = takeAll(queue);
  assert.ok(order.indexOf("long") < 2, order.join());
});

Deno.test("ReaderQueue lets a reader with one line wait for one backlog at most, however long it had none", () => {
  for (const longs of [1, 2, 3]) {
    const queue = new ReaderQueue();
    for (let i = 0; i < longs; i++) queue.addAgain(reader(`long ${i}`, CHUNK_BYTES));
    for (let i = 0; i < longs; i++) queue.addAgain(queue.take()!);
    queue.add(reader("short", 100));
    assert.equal(takeAll(queue)[0], "short", `${longs} backlogs before`);
  }
});

Deno.test("ReaderQueue puts who goes on behind the others, whatever is left of it", () => {
  const queue = new ReaderQueue();
  queue.add(reader("long", CHUNK_BYTES));
  queue.addAgain(reader("rest", 1));
  assert.deepEqual(takeAll(queue), ["long", "rest"]);
});

Deno.test("ReaderQueue gives each reader once, and every other time one of each kind", () => {
  const step = fc.tuple(fc.constantFrom("add", "add", "again", "delete", "take"), fc.nat(7));
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const readers = Array.from({ length: 8 }, (_, i) => reader(`${i}`, i % 2 * CHUNK_BYTES));
    const queue = new ReaderQueue();
    const waiting = new Set<FileReader>();
    for (const [what, i] of steps) {
      if (what === "add") queue.add(readers[i]);
      else if (what === "again") queue.addAgain(readers[i]);
      else if (what === "delete") queue.delete(readers[i]);
      if (what === "delete") waiting.delete(readers[i]);
      else if (what !== "take") waiting.add(readers[i]);
      else {
        const taken = queue.take();
        assert.equal(taken === undefined, waiting.size === 0);
        assert.ok(taken === undefined || waiting.delete(taken));
      }
      assert.equal(queue.size, waiting.size);
      for (const one of readers) assert.equal(queue.has(one), waiting.has(one));
    }
  }));
});
