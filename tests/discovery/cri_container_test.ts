import assert from "node:assert/strict";
import type { CriSandbox, CriStatus } from "../../src/core/runtime.ts";
import { criContainer, type CriContext, criInfo, criState } from "../../src/discovery/cri_container.ts";

const LABELS = new Map([
  ["io.kubernetes.container.name", "web"],
  ["io.kubernetes.pod.name", "front"],
  ["io.kubernetes.pod.namespace", "shop"],
  ["io.kubernetes.pod.uid", "uid-1"],
]);

const STATUS: CriStatus = {
  id: "c1",
  name: "web",
  state: "running",
  createdMs: 1,
  startedMs: 2,
  image: "docker.io/library/nginx:latest",
  userSpecifiedImage: "",
  imageRef: "sha256:1",
  labels: LABELS,
  annotations: new Map(),
  mounts: [{ containerPath: "/data", hostPath: "/src" }],
  logPath: "/var/log/pods/shop_front_uid-1/web/0.log",
  info: new Map(),
};

const SANDBOX: CriSandbox = {
  id: "s1",
  podName: "front",
  podUid: "uid-1",
  namespace: "shop",
  labels: new Map([["app", "front"], ...LABELS]),
  annotations: new Map(),
  runtimeHandler: "",
};

const CONTEXT: CriContext = {
  info: criInfo(new Map()),
  sandbox: SANDBOX,
  ip: "10.0.0.1",
  hostName: "front",
  upperDir: "/upper",
  lowerDirs: ["/lower"],
  mergedRoot: "/merged",
};

Deno.test("criContainer joins status, sandbox and context", () => {
  const container = criContainer(STATUS, CONTEXT)!;
  assert.deepEqual([container.name, container.podName, container.namespace, container.podUid], [
    "web",
    "front",
    "shop",
    "uid-1",
  ]);
  assert.deepEqual([...container.podLabels], [["app", "front"]]);
  assert.equal(container.labels, LABELS);
  assert.deepEqual(container.mounts, [{ source: "/src", destination: "/data" }]);
  assert.deepEqual([container.logDriver, container.ip, container.upperDir, container.mergedRoot], [
    "cri",
    "10.0.0.1",
    "/upper",
    "/merged",
  ]);
});

Deno.test("criContainer takes the pod from labels when the sandbox is gone", () => {
  const container = criContainer(STATUS, { ...CONTEXT, sandbox: undefined })!;
  assert.deepEqual([container.podName, container.namespace, container.podUid], ["front", "shop", "uid-1"]);
  assert.equal(container.podLabels.size, 0);
});

Deno.test("criContainer names the image by words before ids", () => {
  const image = (fields: Partial<CriStatus>) => criContainer({ ...STATUS, ...fields }, CONTEXT)!.image;
  const id = `sha256:${"a".repeat(64)}`;
  assert.equal(image({}), "docker.io/library/nginx:latest");
  assert.equal(image({ image: id, userSpecifiedImage: "nginx:1" }), "nginx:1");
  assert.equal(image({ image: id, imageRef: "nginx@sha256:2" }), "nginx@sha256:2");
  assert.equal(image({ image: id, imageRef: "" }), id);
  assert.equal(image({ image: "", imageRef: "ref" }), "ref");
});

Deno.test("criContainer is isolated when runtime type or handler is a virtual machine's", () => {
  const isolated = (runtimeType: string, runtimeHandler: string) =>
    criContainer(STATUS, {
      ...CONTEXT,
      info: { ...CONTEXT.info, runtimeType },
      sandbox: { ...SANDBOX, runtimeHandler },
    })!.vmIsolated;
  assert.equal(isolated("io.containerd.runc.v2", ""), false);
  assert.equal(isolated("io.containerd.kata.v2", ""), true);
  assert.equal(isolated("", "kata"), true);
});

Deno.test("criContainer gives null when the container never started", () => {
  assert.equal(criContainer({ ...STATUS, state: "created" }, CONTEXT), null);
  assert.deepEqual((["created", "running", "exited", "unknown"] as const).map(criState), [
    null,
    "running",
    "exited",
    null,
  ]);
});

Deno.test("criInfo reads the runtime's JSON and lives with any other", () => {
  const spec = { hostname: "h", process: { env: ["A=1", 2] }, root: { path: "rootfs" } };
  const text = JSON.stringify({
    pid: 7,
    runtimeType: "t",
    runtimeSpec: spec,
    snapshotter: "overlayfs",
    snapshotKey: "k",
  });
  assert.deepEqual(criInfo(new Map([["info", text]])), {
    pid: 7,
    runtimeType: "t",
    env: ["A=1"],
    hostName: "h",
    rootPath: "rootfs",
    snapshotter: "overlayfs",
    snapshotKey: "k",
  });
  const empty = criInfo(new Map());
  for (const odd of ["", "{", "null", "7", '{"pid":"x","runtimeSpec":[]}', '{"runtimeSpec":{"process":1}}']) {
    assert.deepEqual(criInfo(new Map([["info", odd]])), empty, odd);
  }
});
