import assert from "node:assert/strict";
import { GoneContainers } from "../../src/discovery/gone_containers.ts";
import { container } from "../support/runtime_fixtures.ts";

const idsOf = (gone: GoneContainers) => [...gone.containers()].map((each) => each.id);

Deno.test("GoneContainers forgets each when its time is over and names the next moment", () => {
  const gone = new GoneContainers(100);
  gone.add(container("a"), 0);
  gone.add(container("b"), 30);
  assert.equal(gone.expire(99), 100);
  assert.deepEqual(idsOf(gone), ["a", "b"]);
  assert.equal(gone.expire(100), 130);
  assert.deepEqual(idsOf(gone), ["b"]);
  assert.equal(gone.expire(130), null);
});

Deno.test("GoneContainers forgets the oldest early when there are very many", () => {
  const gone = new GoneContainers(1e9);
  for (let i = 0; i < 1_001; i++) gone.add(container(`c${i}`), i);
  const ids = idsOf(gone);
  assert.deepEqual([ids.length, ids[0]], [1_000, "c1"]);
});

Deno.test("GoneContainers keeps the later time when one goes, comes back and goes again", () => {
  const gone = new GoneContainers(100);
  gone.add(container("a"), 0);
  gone.remove("a");
  assert.equal(gone.expire(0), null);
  gone.add(container("a"), 50);
  assert.equal(gone.expire(149), 150);
  assert.equal([...gone.containers()][0].state, "gone");
});
