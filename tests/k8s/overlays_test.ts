/** What `kubectl apply -k` sends, for each folder of k8s/: valid, and with no more rights than the agent needs. */
import assert from "node:assert/strict";
import { relative } from "node:path";
import { FLAGS } from "../../src/cli/flags.ts";
import { readCliOptions } from "../../src/cli/options.ts";
import { grantsOf } from "../../src/cli/permissions.ts";
import { schemaProblems } from "../support/kubernetes_schema.ts";
import { buildManifests, installKustomize, type Manifest, manifestsOf } from "../support/kustomize.ts";
import { projectRoot } from "../support/paths.ts";
import { mustRun } from "../support/process.ts";
import { bedTest, need } from "../support/system.ts";
import { textOf } from "../support/tree.ts";
import {
  type AgentPod,
  agentPod,
  environment,
  mounts,
  NODE_FOLDERS,
  pipelineFiles,
  SIDECAR_FOLDER,
} from "./agent_pods.ts";
import { validatePipelines } from "./validate_pipelines.ts";

const ready = await need("kustomize");
const test = bedTest(ready);
const FOLDERS = [...NODE_FOLDERS, SIDECAR_FOLDER];
const built = new Map<string, Manifest[]>();
if (ready) {
  for (const folder of [...FOLDERS, "examples"]) built.set(folder, await buildManifests(folder));
}

/** The same test for each folder with an agent. */
function each(name: string, folders: readonly string[], body: (pod: AgentPod) => void | Promise<void>): void {
  for (const folder of folders) test(`k8s/${folder} ${name}`, () => body(agentPod(built.get(folder)!)));
}

/** Whether a granted path (or `A_*`) covers one. */
function isGranted(grants: readonly string[] | null, value: string): boolean {
  return grants === null || grants.some((granted) =>
    granted === value || value.startsWith(`${granted}/`) ||
    (granted.endsWith("*") && value.startsWith(granted.slice(0, -1)))
  );
}

for (const folder of [...FOLDERS, "examples"]) {
  test(`k8s/${folder} is what the schemas of Kubernetes allow`, async () => {
    assert.deepEqual(await schemaProblems(built.get(folder)!), []);
  });
}

each("gives the agent no account of the API server", FOLDERS, ({ spec, manifests }) => {
  assert.equal(spec.automountServiceAccountToken, false);
  for (const account of manifests.filter(({ kind }) => kind === "ServiceAccount")) {
    assert.equal(account.automountServiceAccountToken, false);
  }
  assert.deepEqual(manifests.filter(({ kind }) => /Role/.test(kind)), []);
});

each("lets the agent read everything and do nothing else", NODE_FOLDERS, ({ spec, container }) => {
  assert.deepEqual(container.securityContext, {
    runAsUser: 0,
    runAsGroup: 0,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
  });
  assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
  assert.deepEqual([spec.hostPID, spec.hostIPC, spec.shareProcessNamespace], [
    undefined,
    undefined,
    undefined,
  ]);
});

each("runs nothing as root and mounts nothing of the host", [SIDECAR_FOLDER], ({ spec }) => {
  assert.equal(spec.securityContext.runAsNonRoot, true);
  assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
  assert.deepEqual([spec.hostNetwork, spec.hostPID, spec.hostIPC], [undefined, undefined, undefined]);
  assert.deepEqual(spec.volumes.filter((volume: Manifest) => volume.hostPath !== undefined), []);
  for (const container of [...spec.initContainers, ...spec.containers]) {
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
  }
});

each("makes all mounts but the checkpoint read-only", FOLDERS, (pod) => {
  const writable = mounts(pod).filter(({ readOnly }) => !readOnly).map(({ path }) => path);
  assert.deepEqual(writable, [FLAGS.checkpoint.default]);
});

each(
  "makes the checkpoint's folder on a new node, and asks for a namespace that allows it",
  NODE_FOLDERS,
  (pod) => {
    const { volume } = mounts(pod).find(({ path }) => path === FLAGS.checkpoint.default)!;
    assert.equal(volume.hostPath.type, "DirectoryOrCreate");
    const [namespace] = pod.manifests.filter(({ kind }) => kind === "Namespace");
    assert.equal(namespace.metadata.labels["pod-security.kubernetes.io/enforce"], "privileged");
  },
);

each("starts before the application and stays beside it", [SIDECAR_FOLDER], ({ spec, container }) => {
  // Without it the pod waits for the agent to end before the application starts.
  assert.deepEqual([spec.initContainers[0], container.restartPolicy], [container, "Always"]);
});

test("k8s/overlays/kafka-tls shows the key to nobody but user 0", () => {
  const { spec } = agentPod(built.get("overlays/kafka-tls")!);
  const { secret } = spec.volumes.find((volume: Manifest) => volume.secret !== undefined);
  assert.equal(secret.defaultMode, 0o400);
});

test("k8s/components/kafka-tls goes with every overlay of the node", async () => {
  const kustomize = await installKustomize();
  for (
    const folder of ["overlays/docker", "overlays/containerd", "overlays/strict", "overlays/strict-docker"]
  ) {
    const own = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denotail-overlay-" }));
    try {
      const shared = relative(own, `${Deno.realPathSync(projectRoot)}/k8s`);
      const lines = [
        "resources:",
        `  - ${shared}/${folder}`,
        "components:",
        `  - ${shared}/components/kafka-tls`,
      ];
      Deno.writeTextFileSync(`${own}/kustomization.yaml`, lines.join("\n") + "\n");
      const pod = agentPod(manifestsOf(await mustRun([kustomize, "build", own])));
      const secret = pod.spec.volumes.find((volume: Manifest) => volume.secret !== undefined)?.name;
      assert.deepEqual(mounts(pod).filter(({ volume }) => volume.name === secret).map(({ path }) => path), [
        "/etc/denotail/kafka",
      ]);
      const before = mounts(agentPod(built.get(folder)!)).map(({ path }) => path);
      assert.deepEqual(before.filter((path) => !mounts(pod).some((one) => one.path === path)), []);
    } finally {
      Deno.removeSync(own, { recursive: true });
    }
  }
});

each("shows later mounts of the host to the agent", NODE_FOLDERS, (pod) => {
  const below = mounts(pod).filter(({ path, volume }) =>
    path.startsWith("/logtail_host") && volume.hostPath.type === "Directory" &&
    volume.hostPath.path !== "/proc"
  );
  assert.ok(below.length > 0);
  assert.deepEqual(below.filter(({ propagation }) => propagation !== "HostToContainer"), []);
});

each("mounts the host's folders where the agent looks for them", NODE_FOLDERS, (pod) => {
  for (const { path, volume } of mounts(pod)) {
    if (volume.hostPath === undefined || path === FLAGS.checkpoint.default) continue;
    assert.equal(path.replace(/^\/logtail_host/, "") || "/", volume.hostPath.path);
    // With any other type the kubelet or the runtime would make what is missing.
    assert.match(volume.hostPath.type, /^(Directory|Socket)$/);
  }
});

each("names only paths that the binary may touch", FOLDERS, (pod) => {
  const grants = grantsOf("daemonset");
  for (const { path, readOnly } of mounts(pod)) {
    // Sockets are granted one by one.
    if (path === "/var/run") continue;
    assert.ok(isGranted(grants.read, path), `${path} cannot be read`);
    if (!readOnly) assert.ok(isGranted(grants.write, path), `${path} cannot be written`);
  }
  for (const [name, value] of environment(pod)) {
    if (!value.startsWith("/")) continue;
    assert.ok(isGranted(grants.read, value), `${name}: '${value}' cannot be read`);
    if (value.endsWith(".sock")) assert.ok(isGranted(grants.write, value), `${name}: '${value}'`);
  }
});

each("sets only variables that the agent knows and may read, to values it takes", FOLDERS, (pod) => {
  const known = new Set(Object.values(FLAGS).flatMap((flag) => [...flag.env] as string[]));
  const set = environment(pod);
  const pipelines = Object.values(pipelineFiles(pod, FLAGS.configDir.default)).join("\n");
  const tags = (set.get("DENOTAIL_ENV_TAGS") ?? "").split("|");
  for (const name of set.keys()) {
    const used = known.has(name) || pipelines.includes(`\${${name}}`) || tags.includes(name);
    assert.ok(used, `nothing asks for ${name}`);
    assert.ok(isGranted(grantsOf("daemonset").env, name), `${name} may not be read`);
  }
  const { errors, warnings } = readCliOptions({}, { env: (name) => set.get(name), isFolder: () => true });
  assert.deepEqual([...errors, ...warnings], []);
});

each("gives the agent time to stop", FOLDERS, (pod) => {
  const set = environment(pod);
  const { options } = readCliOptions({}, { env: (name) => set.get(name), isFolder: () => true });
  assert.ok(pod.spec.terminationGracePeriodSeconds * 1000 >= options.stopTimeoutMs + 10_000);
});

each("asks for health where the agent listens", FOLDERS, (pod) => {
  const { spec, container } = pod;
  const set = environment(pod);
  const { metrics } = readCliOptions({}, { env: (name) => set.get(name), isFolder: () => true }).options;
  const paths = { startupProbe: "/healthz", livenessProbe: "/healthz", readinessProbe: "/readyz" };
  for (const [probe, path] of Object.entries(paths)) {
    const { httpGet } = container[probe];
    const port = container.ports?.find((one: Manifest) => one.name === httpGet.port)?.containerPort ??
      httpGet.port;
    assert.deepEqual([probe, httpGet.path, port], [probe, path, metrics!.port]);
    // Without a host the kubelet asks at the pod's address.
    assert.equal(httpGet.host, spec.hostNetwork ? "127.0.0.1" : undefined);
    assert.equal(metrics!.host, spec.hostNetwork ? "127.0.0.1" : "0.0.0.0");
  }
  // A start waits up to 30 s for an agent that still holds the checkpoint folder.
  const { periodSeconds, failureThreshold } = container.startupProbe;
  assert.ok(periodSeconds * failureThreshold > 30);
});

each("limits the container above what the agent allows itself", FOLDERS, (pod) => {
  const { limits, requests } = pod.container.resources;
  assert.ok(limits.cpu && requests.cpu && requests.memory);
  const mebibytes = Number(
    /^(\d+)Mi$/.exec(limits.memory)?.[1] ?? Number(/^(\d+)Gi$/.exec(limits.memory)![1]) * 1024,
  );
  assert.ok(Number(environment(pod).get("mem_usage_limit")) <= mebibytes * 0.8);
});

each(
  "replaces one agent after another, never two on a node",
  NODE_FOLDERS,
  ({ workload, spec, manifests }) => {
    assert.equal(workload.spec.updateStrategy.type, "RollingUpdate");
    assert.equal(workload.spec.updateStrategy.rollingUpdate.maxSurge, 0);
    const classes = manifests.filter(({ kind }) => kind === "PriorityClass").map(({ metadata }) =>
      metadata.name
    );
    assert.deepEqual(classes, [spec.priorityClassName]);
  },
);

each("has pipelines that validate finds good", FOLDERS, async (pod) => {
  const files = pipelineFiles(pod, FLAGS.configDir.default);
  assert.ok(Object.keys(files).length > 0);
  const good = await validatePipelines(files, { KAFKA_BROKERS: "kafka:9092", POD_NAME: "web-1" });
  assert.equal(good, "no problems\n");
});

test("k8s/base says where brokers belong while nobody has filled them in", async () => {
  const pod = agentPod(built.get("base")!);
  const said = await validatePipelines(
    pipelineFiles(pod, FLAGS.configDir.default),
    Object.fromEntries(environment(pod)),
  );
  assert.match(said, /KAFKA_BROKER_ADDRESS .*'<kafka_host>:<kafka_port>' is not a broker's address/s);
});

test("k8s/overlays/strict and strict-docker mount neither the host's root nor its runtime folders whole", () => {
  for (const folder of ["overlays/strict", "overlays/strict-docker"]) {
    const paths = mounts(agentPod(built.get(folder)!)).map(({ volume }) => volume.hostPath?.path);
    for (const wide of ["/", "/run", "/var", "/var/run", "/var/lib", "/var/log", "/etc", "/root", "/home"]) {
      assert.ok(!paths.includes(wide), `${folder}: ${wide}`);
    }
  }
});

test("k8s/overlays give the agent the socket that they are called after", () => {
  const options = (folder: string) => {
    const set = environment(agentPod(built.get(folder)!));
    return readCliOptions({}, { env: (name) => set.get(name), isFolder: () => true }).options;
  };
  for (const folder of ["overlays/docker", "overlays/strict-docker"]) {
    const { dockerSockets, criSockets } = options(folder);
    assert.deepEqual([dockerSockets, criSockets], [["/logtail_host/run/docker.sock"], []]);
  }
  for (const folder of ["overlays/containerd", "overlays/strict"]) {
    const { dockerSockets, criSockets } = options(folder);
    assert.deepEqual([dockerSockets, criSockets], [[], ["/logtail_host/run/containerd/containerd.sock"]]);
  }
  const { dockerSockets, criSockets } = options("base");
  assert.deepEqual([dockerSockets, criSockets], [null, null]);
});

test("the command of README.md and k8s/README.md leaves no placeholder", async () => {
  const kustomize = await installKustomize();
  for (const page of ["README.md", "k8s/README.md"]) {
    const line = textOf(page).split("\n").find((one) => one.startsWith("kubectl kustomize "));
    const [, folder, sed] = /^kubectl kustomize (\S+) \| (sed .*) \| kubectl apply -f -$/.exec(line!)!;
    const text = await mustRun(["sh", "-c", `'${kustomize}' build ${folder} | ${sed}`], { cwd: projectRoot });
    const pod = agentPod(manifestsOf(text));
    assert.equal(pod.container.image, "registry.example.com/denotail");
    assert.equal(environment(pod).get("KAFKA_BROKERS"), "kafka.example.com:9092");
    assert.doesNotMatch(text, /<kafka_/);
  }
});
