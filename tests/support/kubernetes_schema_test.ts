import assert from "node:assert/strict";
import { schemaProblems } from "./kubernetes_schema.ts";
import { type Manifest, manifestsOf } from "./kustomize.ts";

const POD = `
apiVersion: v1
kind: Pod
metadata:
  name: p
  labels: { any: label }
spec:
  hostNetwork: true
  containers:
    - name: c
      image: i
      resources: { limits: { cpu: 100m, memory: 1Gi } }
      livenessProbe: { httpGet: { port: 80, path: / } }
      securityContext: { readOnlyRootFilesystem: true }
`;

function changed(change: (spec: Manifest, pod: Manifest) => void): Manifest {
  const [pod] = manifestsOf(POD);
  change(pod.spec, pod);
  return pod;
}

const MISTAKES: readonly [Manifest, RegExp][] = [
  [changed((spec) => spec.hostNetwerk = true), /\/spec\/hostNetwerk: unknown field/],
  [
    changed((spec) => spec.containers[0].securityContext.readOnly = true),
    /securityContext\/readOnly: unknown/,
  ],
  [changed((spec) => spec.hostNetwork = "yes"), /\/spec\/hostNetwork: type .*boolean/],
  [changed((spec) => delete spec.containers[0].livenessProbe.httpGet.port), /required .*port/],
  [changed((spec) => spec.containers[0].resources.limits.memory = "1Gib"), /memory: format .*quantity/],
  [changed((spec) => spec.dnsPolicy = "Host"), /dnsPolicy: enum/],
  [changed((_, pod) => pod.apiVersion = "v2"), /Pod p: no such kind in v2/],
];

Deno.test("schemaProblems names each mistake and nothing else", async () => {
  const [pod] = manifestsOf(POD);
  const found = await schemaProblems([pod, ...MISTAKES.map(([mistaken]) => mistaken)]);
  for (const [, sentence] of MISTAKES) {
    assert.ok(found.some((one) => sentence.test(one)), `${sentence}\n${found}`);
  }
  const others = found.filter((one) => !MISTAKES.some(([, sentence]) => sentence.test(one)));
  // Alternatives of a quantity that do not fit either.
  assert.deepEqual(others.filter((one) => !one.includes("/limits/memory: ")), []);
});
