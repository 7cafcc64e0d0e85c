import assert from "node:assert/strict";
import { startContainerd } from "../support/containerd.ts";
import { tags } from "../support/images.ts";
import { bedTest, need } from "../support/system.ts";
import { leastOf } from "../support/least_of.ts";
import {
  assertFeedTells,
  hostRootOf,
  named,
  NODE_IP,
  ownEvidence,
  startDiscovery,
  untilSnapshot,
} from "./discovery_bed.ts";

const test = bedTest(await need("containerd"));

const SLEEP = ["sh", "-c", "trap 'exit 0' TERM; echo up; echo x > /written; sleep 1000 & wait"];

test("discovery finds pods of containerd, follows them to the end, and outlives a daemon restart", async () => {
  const containerd = await startContainerd();
  const { cri } = containerd;
  const hostRoot = hostRootOf(containerd.namespace);
  const options = { dockerSockets: ["/nonexistent"], criSockets: [containerd.socket] };
  const discovery = startDiscovery({ ...options, hostRoot, containerdStateDir: containerd.state });
  try {
    await untilSnapshot(discovery, "complete snapshot", (snapshot) => snapshot.complete);
    const pod = await cri.runPod({ name: "front", namespace: "shop", labels: { app: "front", tier: "web" } });
    const data = cri.emptyDir(pod, "data");
    const container = await cri.runContainer(pod, {
      name: "web",
      image: tags.busybox,
      command: SLEEP,
      env: { GREETING: "a=b" },
      mounts: [{ hostPath: data, containerPath: "/data" }],
    });
    const web = await untilSnapshot(discovery, "container", (snapshot) => named(snapshot, "web"));
    const facts = await cri.status(container);
    assert.equal(web.id, container.id);
    assert.equal(web.image, tags.busybox);
    assert.deepEqual([web.podName, web.namespace, web.podUid], ["front", "shop", pod.uid]);
    assert.deepEqual([...web.podLabels].sort(), [["app", "front"], ["tier", "web"]]);
    assert.equal(web.labels.get("io.kubernetes.container.name"), "web");
    assert.equal(web.annotations.get("io.kubernetes.container.restartCount"), "0");
    assert.equal(web.ip, pod.ip);
    assert.equal(web.hostName, "front");
    assert.equal(web.logPath, container.logPathInside);
    assert.equal(web.logDriver, "cri");
    assert.equal(web.pid, facts.pid);
    assert.equal(web.env.get("GREETING"), "a=b");
    assert.ok(web.env.has("PATH"));
    assert.equal(web.mounts.find((mount) => mount.destination === "/data")?.source, data);
    assert.equal(Deno.readTextFileSync(`${web.upperDir}/written`), "x\n");
    assert.ok(web.lowerDirs.some((folder) => Deno.statSync(`${folder}/bin/busybox`).isFile));
    assert.equal(
      web.mergedRoot,
      `${containerd.state}/io.containerd.runtime.v2.task/k8s.io/${container.id}/rootfs`,
    );
    assert.equal(web.vmIsolated, false);
    assert.equal(discovery.current().containers.size, 1);

    const edge = await cri.runPod({ name: "edge", hostNetwork: true });
    const proxy = await cri.runContainer(edge, { name: "proxy", image: tags.busybox, command: SLEEP });
    const seenProxy = await untilSnapshot(discovery, "proxy", (snapshot) => named(snapshot, "proxy"));
    assert.equal(seenProxy.id, proxy.id);
    assert.equal(seenProxy.ip, NODE_IP);
    // A host-network pod is where the agent itself lives.
    assert.deepEqual(ownEvidence(hostRoot, seenProxy.pid, discovery.current()), [
      `cgroup ${proxy.id}`,
      `overlay ${proxy.id}`,
    ]);

    // Over before it can be inspected as running: its layers come from the snapshot service.
    const brief = await cri.runContainer(pod, {
      name: "brief",
      image: tags.busybox,
      command: ["sh", "-c", "echo y > /left"],
    });
    await cri.ended(brief);
    const left = await untilSnapshot(discovery, "brief", (snapshot) => {
      const found = snapshot.containers.get(brief.id);
      return found?.state === "exited" && found;
    });
    assert.equal(Deno.readTextFileSync(`${left.upperDir}/left`), "y\n");

    const seenAgainMs = await leastOf("seen after the restart, in ms", 5_000, async () => {
      await containerd.kill9Daemon();
      discovery.refresh();
      await untilSnapshot(discovery, "away", (snapshot) => snapshot.runtimes[1].state === "away");
      assert.equal(discovery.current().containers.get(container.id), web);
      await containerd.startDaemon();
      const restarted = performance.now();
      await untilSnapshot(discovery, "a list", (snapshot) => snapshot.runtimes[1].state === "ok");
      return performance.now() - restarted;
    });
    assert.ok(seenAgainMs <= 5_000);
    assert.equal(discovery.current().containers.get(container.id), web);

    containerd.freeze();
    discovery.refresh();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    containerd.thaw();
    assert.equal(discovery.current().containers.get(container.id), web);

    await cri.stop(container);
    const exited = await untilSnapshot(discovery, "exited", (snapshot) => {
      const found = snapshot.containers.get(container.id);
      return found?.state === "exited" && found;
    });
    assert.deepEqual([exited.upperDir, exited.ip, exited.pid], [web.upperDir, web.ip, 0]);
    await cri.remove(container);
    const gone = await untilSnapshot(discovery, "gone", (snapshot) => {
      const found = snapshot.containers.get(container.id);
      return found?.state === "gone" && found;
    });
    assert.deepEqual([gone.upperDir, gone.logPath], [web.upperDir, web.logPath]);
    await assertFeedTells(
      { ...options, hostRoot },
      (name) => cri.runContainer(pod, { name, image: tags.busybox, command: SLEEP }),
    );
  } finally {
    await discovery.stop();
    await containerd.teardown();
  }
});
