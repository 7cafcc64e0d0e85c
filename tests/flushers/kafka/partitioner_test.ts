import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fnv1a,
  makePartitioner,
  PARTITIONER_NAMES,
  PARTITIONS_PER_NODE,
} from "../../../src/flushers/kafka/partitioner.ts";

Deno.test("fnv1a gives the published values", () => {
  const hash = (text: string) => fnv1a(new TextEncoder().encode(text)) >>> 0;
  assert.equal(hash(""), 0x811c9dc5);
  assert.equal(hash("a"), 0xe40c292c);
  assert.equal(hash("foobar"), 0xbf9cf968);
});

Deno.test("makePartitioner places every seed inside when partitions are any", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PARTITIONER_NAMES),
      fc.string(),
      fc.integer(),
      fc.integer({ min: 1, max: 1000 }),
      (name, node, seed, partitions) => {
        const at = makePartitioner(name, node).place(
          name === "random" || name === "roundrobin" ? seed >>> 1 : seed,
          partitions,
        );
        assert.ok(Number.isInteger(at) && at >= 0 && at < partitions, `${at}`);
      },
    ),
  );
});

Deno.test("makePartitioner gives a node a window of four partitions when it goes by source", () => {
  const { place } = makePartitioner("source", "node-1");
  const used = new Set(
    Array.from({ length: 1000 }, (_, i) => place(fnv1a(new Uint8Array([i, i >> 8])), 100)),
  );
  assert.equal(used.size, PARTITIONS_PER_NODE);
});
