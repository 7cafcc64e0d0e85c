import assert from "node:assert/strict";
import { keepKnown, sameContainer } from "../../src/discovery/keep_known.ts";
import { container } from "../support/runtime_fixtures.ts";

Deno.test("keepKnown keeps what the runtime forgot when the process ended", () => {
  const before = container("a", {
    ip: "10.0.0.1",
    upperDir: "/u",
    lowerDirs: ["/l"],
    mergedRoot: "/m",
    env: new Map([["A", "1"]]),
    podLabels: new Map([["app", "x"]]),
    pid: 7,
  });
  const after = keepKnown(container("a", { state: "exited" }), before);
  assert.deepEqual([after.ip, after.upperDir, after.lowerDirs, after.mergedRoot], [
    "10.0.0.1",
    "/u",
    ["/l"],
    "/m",
  ]);
  assert.deepEqual([after.env, after.podLabels], [before.env, before.podLabels]);
  assert.deepEqual([after.state, after.pid], ["exited", 0]);
});

Deno.test("keepKnown takes what is new", () => {
  const before = container("a", { ip: "10.0.0.1", podLabels: new Map([["app", "x"]]) });
  const after = keepKnown(container("a", { ip: "10.0.0.2" }), before);
  assert.equal(after.ip, "10.0.0.2");
  assert.equal(after.podLabels.size, 0);
});

Deno.test("keepKnown gives the same object back when nothing differs", () => {
  const fields = () => ({ labels: new Map([["a", "1"]]), mounts: [{ source: "/s", destination: "/d" }] });
  const before = container("a", fields());
  assert.equal(keepKnown(container("a", fields()), before), before);
  assert.equal(keepKnown(container("a"), undefined).id, "a");
});

Deno.test("sameContainer sees a difference in texts, maps and mounts", () => {
  const base = container("a", { labels: new Map([["a", "1"]]) });
  assert.equal(sameContainer(base, container("a", { labels: new Map([["a", "1"]]) })), true);
  assert.equal(sameContainer(base, container("a", { labels: new Map([["a", "2"]]) })), false);
  assert.equal(sameContainer(base, { ...base, name: "b" }), false);
  assert.equal(sameContainer(base, { ...base, mounts: [{ source: "/s", destination: "/d" }] }), false);
});
