/** The tutorial's own manifests: they run the agent with nothing changed but the image and the brokers. */
import assert from "node:assert/strict";
import { FLAGS } from "../../src/cli/flags.ts";
import { HOST_ROOT_MOUNT, readCliOptions } from "../../src/cli/options.ts";
import { grantsOf } from "../../src/cli/permissions.ts";
import { schemaProblems } from "../support/kubernetes_schema.ts";
import { type Manifest, manifestsOf } from "../support/kustomize.ts";
import { seedPipelines, seedText } from "../support/seed.ts";
import { textOf } from "../support/tree.ts";
import { agentPod, environment, mounts } from "./agent_pods.ts";
import { validatePipelines } from "./validate_pipelines.ts";

const FILES = [
  "ilogtail-ns.yaml",
  "ilogtail-user-configmap.yaml",
  "ilogtail-user-configmap-json.yaml",
  "ilogtail-daemonset.yaml",
  "nginx-deployment.yaml",
  "json-log-deployment.yaml",
];

const seed = agentPod(manifestsOf(seedText("ilogtail-daemonset.yaml")));
const base = agentPod(manifestsOf(textOf("k8s/base/daemonset.yaml")));

/** What the tutorial leaves to the reader is filled in. */
const withBroker = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([stem, text]) => [`${stem}.yaml`, text]));

Deno.test("the tutorial's manifests are what the schemas of Kubernetes allow", async () => {
  assert.deepEqual(await schemaProblems(FILES.flatMap((file) => manifestsOf(seedText(file)))), []);
});

Deno.test("the tutorial's pipelines are good for validate once the brokers are filled in", async () => {
  for (const file of ["", "-processor", "-json"].map((part) => `ilogtail-user-configmap${part}.yaml`)) {
    const files = withBroker(seedPipelines(file, "kafka:9092"));
    assert.equal(await validatePipelines(files, {}), "no problems\n", file);
  }
});

Deno.test("the tutorial's DaemonSet mounts what the binary looks for, where its permissions reach", () => {
  const grants = grantsOf("daemonset");
  const paths = mounts(seed).map(({ path }) => path);
  const wanted = [HOST_ROOT_MOUNT, FLAGS.checkpoint.default, FLAGS.configDir.default];
  assert.deepEqual(paths, ["/var/run", ...wanted]);
  for (const path of wanted) assert.ok(grants.read!.includes(path), path);
  assert.ok(grants.write!.includes(FLAGS.checkpoint.default));
  for (const socket of ["docker.sock", "containerd/containerd.sock"]) {
    assert.ok(grants.read!.includes(`/var/run/${socket}`) && grants.write!.includes(`/var/run/${socket}`));
  }
});

Deno.test("the tutorial's variables mean what they say", () => {
  const set = environment(seed);
  const read = readCliOptions({}, { env: (name) => set.get(name), isFolder: () => true });
  assert.deepEqual([...read.errors, ...read.warnings], []);
  assert.deepEqual([read.options.cpuLimitCores, read.options.memLimitMb], [1, 512]);
  assert.equal(read.options.hostRoot, HOST_ROOT_MOUNT);
});

/** What differs between the tutorial's DaemonSet and ours, in the words of the table in k8s/README.md. */
function differences(): string[] {
  const parts: [string, Manifest, Manifest][] = [
    ["", seed.container, base.container],
    ["", seed.spec, base.spec],
    ["", seed.workload.spec, base.workload.spec],
    ["metadata.", seed.workload.metadata, base.workload.metadata],
  ];
  const skipped = new Set(["containers", "template"]);
  return parts.flatMap(([prefix, theirs, ours]) =>
    [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
      .filter((key) => !skipped.has(key))
      .filter((key) => JSON.stringify(theirs[key]) !== JSON.stringify(ours[key]))
      .map((key) => prefix + key)
  );
}

Deno.test("k8s/README.md gives a reason for each difference from the tutorial's DaemonSet, and for no other", () => {
  const [, table] = textOf("k8s/README.md").split("## Differences from the tutorial's DaemonSet\n");
  const rows = table.split("\n## ")[0].split("\n").filter((line) => /^\| `/.test(line));
  const named = rows.flatMap((row) => [...row.split("|")[1].matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  assert.deepEqual([...new Set(named)].sort(), [...new Set(differences())].sort());
  for (const row of rows) assert.ok(row.split("|")[3].trim().length > 20, `no reason: ${row}`);
});

Deno.test("k8s/base keeps the tutorial's names, values and mounts", () => {
  for (const key of ["name", "namespace", "labels"]) {
    assert.deepEqual(base.workload.metadata[key], seed.workload.metadata[key]);
  }
  assert.deepEqual(base.container.resources, seed.container.resources);
  for (const [name, value] of environment(seed)) assert.equal(environment(base).get(name), value);
  for (const toleration of seed.spec.tolerations) {
    assert.ok(base.spec.tolerations.some((one: Manifest) => one.key === toleration.key));
  }
  // The same nodes where the taint has its newer name.
  const keys = base.spec.tolerations.map(({ key }: Manifest) => key);
  assert.ok(keys.includes("node-role.kubernetes.io/control-plane"));
  const kept = mounts(base).map(({ path, propagation }) => `${path} ${propagation}`);
  assert.deepEqual(kept, mounts(seed).map(({ path, propagation }) => `${path} ${propagation}`));
});

Deno.test("k8s/base has the tutorial's pipelines, with a variable for the brokers", () => {
  const [ours] = manifestsOf(textOf("k8s/base/pipelines.yaml"));
  const theirs = {
    ...seedPipelines("ilogtail-user-configmap.yaml", "${KAFKA_BROKERS}"),
    ...seedPipelines("ilogtail-user-configmap-json.yaml", "${KAFKA_BROKERS}"),
  };
  assert.equal(ours.metadata.name, "ilogtail-user-cm");
  assert.deepEqual(ours.data, withBroker(theirs));
});

Deno.test("k8s/examples has the tutorial's applications as they are", () => {
  for (const file of ["nginx-deployment.yaml", "json-log-deployment.yaml"]) {
    assert.deepEqual(manifestsOf(textOf(`k8s/examples/${file}`)), manifestsOf(seedText(file)));
  }
});
