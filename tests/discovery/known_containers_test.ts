import assert from "node:assert/strict";
import type { Container } from "../../src/core/container.ts";
import { RuntimeError } from "../../src/core/runtime.ts";
import { KnownContainers } from "../../src/discovery/known_containers.ts";
import { container } from "../support/runtime_fixtures.ts";

const now = () => 0;
const listed = (...ids: string[]) => ids.map((id) => ({ id, fingerprint: "1" }));
const inspectOf = (id: string) => Promise.resolve<Container | null>(container(id));

Deno.test("KnownContainers keeps what it learnt when the connection is lost in the middle", async () => {
  const known = new KnownContainers(1_000);
  const lost = known.update(listed("a", "b"), now, (id) => {
    if (id === "b") return Promise.reject(new RuntimeError("away", "Lost"));
    return inspectOf(id);
  });
  await assert.rejects(lost, /Lost/);
  assert.deepEqual([...known.containers().keys()], ["a"]);
  const asked: string[] = [];
  await known.update(listed("a", "b"), now, (id) => (asked.push(id), inspectOf(id)));
  assert.deepEqual(asked, ["b"]);
  assert.deepEqual([...known.containers().keys()], ["a", "b"]);
});

Deno.test("KnownContainers inspects again when suspected during an inspection", async () => {
  const known = new KnownContainers(1_000);
  let inspections = 0;
  const inspect = (id: string) => {
    if (inspections++ === 0) known.suspect("a");
    return inspectOf(id);
  };
  await known.update(listed("a"), now, inspect);
  await known.update(listed("a"), now, inspect);
  await known.update(listed("a"), now, inspect);
  assert.equal(inspections, 2);
});

Deno.test("KnownContainers keeps the map when nothing changed and makes a new one when something did", async () => {
  const known = new KnownContainers(1_000);
  await known.update(listed("a", "b"), now, inspectOf);
  const before = known.containers();
  await known.update(listed("a", "b"), now, inspectOf);
  assert.equal(known.containers(), before);
  await known.update(listed("a"), now, inspectOf);
  assert.deepEqual([[...known.containers().keys()], before.size], [["a"], 2]);
});

Deno.test("KnownContainers publishes nothing for a container that is already gone", async () => {
  const known = new KnownContainers(1_000);
  await known.update(listed("a"), now, () => Promise.resolve(null));
  assert.equal(known.containers().size, 0);
});

Deno.test("KnownContainers leaves a container alone for a while when its inspection failed", async () => {
  const known = new KnownContainers(1_000);
  let asked = 0;
  const fail = () => {
    asked++;
    return Promise.reject(new RuntimeError("failed", "500"));
  };
  for (const nowMs of [0, 999, 1_000]) await known.update(listed("a"), () => nowMs, fail);
  assert.equal(asked, 2);
});
