import assert from "node:assert/strict";
import { environmentMap, podLabels, podOfSandbox, sameMap, textMap } from "../../src/discovery/pod_labels.ts";

Deno.test("podLabels leaves out what the runtime added", () => {
  const labels = new Map([
    ["app", "front"],
    ["io.kubernetes.pod.name", "front-1"],
    ["io.kubernetesx", "y"],
    ["annotation.kubernetes.io/config.seen", "x"],
    ["app.kubernetes.io/name", "front"],
  ]);
  assert.deepEqual([...podLabels(labels)], [["app", "front"], ["app.kubernetes.io/name", "front"]]);
});

Deno.test("environmentMap splits at the first equals sign", () => {
  const map = environmentMap(["A=b=c", "EMPTY=", "BARE", "=x", "", "A=last"]);
  assert.deepEqual([...map], [["A", "last"], ["EMPTY", ""], ["BARE", ""]]);
  assert.equal(environmentMap(null).size, 0);
});

Deno.test("textMap leaves out values that are not strings", () => {
  assert.deepEqual([...textMap({ a: "1", b: 2, c: null })], [["a", "1"]]);
  assert.equal(textMap(undefined).size, 0);
});

Deno.test("podOfSandbox falls back to labels when metadata is empty", () => {
  const labels = new Map([["io.kubernetes.pod.name", "n"], ["io.kubernetes.pod.uid", "u"]]);
  const sandbox = {
    id: "s",
    podName: "",
    podUid: "",
    namespace: "shop",
    labels,
    annotations: new Map(),
    runtimeHandler: "",
  };
  assert.deepEqual(podOfSandbox(sandbox), { podName: "n", namespace: "shop", podUid: "u" });
});

Deno.test("sameMap compares keys and values, not order", () => {
  assert.equal(sameMap(new Map([["a", "1"], ["b", "2"]]), new Map([["b", "2"], ["a", "1"]])), true);
  assert.equal(sameMap(new Map([["a", "1"]]), new Map([["a", "2"]])), false);
  assert.equal(sameMap(new Map([["a", "1"]]), new Map([["b", "1"]])), false);
  assert.equal(sameMap(new Map([["a", "1"]]), new Map()), false);
});
