import assert from "node:assert/strict";
import { WithoutOwn } from "../../src/discovery/without_own.ts";
import { FakeDiscovery } from "../support/fake_discovery.ts";
import { container } from "../support/runtime_fixtures.ts";

const OWN = "a".repeat(64);
const OTHER = "b".repeat(64);

/** An agent that runs in the container with pid 7. */
function bed() {
  const inner = new FakeDiscovery();
  const found: string[] = [];
  let asked = 0;
  const facts = () => {
    asked++;
    return { cgroup: "", mountinfo: "", hostPid: 7, hostName: "" };
  };
  const outer = new WithoutOwn(inner, facts, (id, evidence) => found.push(`${id.slice(0, 1)} ${evidence}`));
  return { inner, outer, found, asked: () => asked };
}

const own = container(OWN, { pid: 7 });
const other = container(OTHER, { pid: 8 });

Deno.test("WithoutOwn leaves the agent's container out of the list and of every later one", () => {
  const { inner, outer, found } = bed();
  const seen: string[][] = [];
  outer.onSnapshot((snapshot) => seen.push([...snapshot.containers.keys()]));
  inner.publish(own, other);
  assert.deepEqual([...outer.current().containers.keys()], [OTHER]);
  inner.publish({ ...own, pid: 0, state: "exited" }, other);
  inner.publish(own);
  assert.deepEqual(seen, [[OTHER], [OTHER], []]);
  assert.deepEqual(found, ["a pid"], "told once");
});

Deno.test("WithoutOwn gives one object per snapshot, and the list itself when it is not in there", () => {
  const { inner, outer } = bed();
  inner.publish(own, other);
  assert.equal(outer.current(), outer.current());
  assert.equal(outer.current().sequence, inner.current().sequence);
  inner.publish(other);
  assert.equal(outer.current(), inner.current());
});

Deno.test("WithoutOwn asks who it is until it knows, and not of an empty list", () => {
  const { inner, outer, asked, found } = bed();
  outer.current();
  assert.equal(asked(), 0);
  inner.publish(other);
  assert.deepEqual([...outer.current().containers.keys()], [OTHER]);
  assert.equal(asked(), 1);
  inner.publish(other, own);
  outer.current();
  outer.current();
  assert.equal(asked(), 2);
  inner.publish(other, own, container("c".repeat(64), { pid: 7 }));
  outer.current();
  assert.equal(asked(), 2);
  assert.deepEqual(found, ["a pid"]);
});

Deno.test("WithoutOwn starts, stops and unsubscribes what it wraps", async () => {
  const { inner, outer } = bed();
  outer.start();
  outer.refresh();
  const unsubscribe = outer.onSnapshot(() => assert.fail("unsubscribed"));
  assert.equal(inner.listeners, 1);
  unsubscribe();
  inner.publish(other);
  await outer.stop();
  assert.deepEqual([inner.started, inner.stopped, inner.listeners], [1, 1, 0]);
});
