import assert from "node:assert/strict";
import { startDockerd, type TestDocker } from "../support/dockerd.ts";
import { tags } from "../support/images.ts";
import { leastOf } from "../support/least_of.ts";
import { bedTest, need } from "../support/system.ts";
import {
  assertFeedTells,
  hostRootOf,
  named,
  NODE_IP,
  ownEvidence,
  startDiscovery,
  untilSnapshot,
} from "./discovery_bed.ts";

const test = bedTest(await need("docker"));

const SLEEP = ["sh", "-c", "trap 'exit 0' TERM; echo up; sleep 1000 & wait"];
/** The promise: the list is back so long after a runtime answers again. */
const LIST_BACK_MS = 5_000;

function podLabels(container: string, pod: string): Record<string, string> {
  return {
    "io.kubernetes.container.name": container,
    "io.kubernetes.pod.name": pod,
    "io.kubernetes.pod.namespace": "shop",
    "io.kubernetes.pod.uid": `uid-${pod}`,
  };
}

/** A pod as cri-dockerd makes it: a sandbox with the pod's labels, and a container in its network. */
async function runPod(docker: TestDocker, pod: string, network: string): Promise<string> {
  const sandbox = await docker.run({
    name: `k8s_POD_${pod}_shop_uid-${pod}_0`,
    image: tags.busybox,
    labels: { ...podLabels("POD", pod), "io.kubernetes.docker.type": "podsandbox", "app": pod },
    network,
    cmd: SLEEP,
  });
  return await docker.run({
    name: `k8s_web_${pod}_shop_uid-${pod}_0`,
    image: tags.busybox,
    labels: { ...podLabels("web", pod), "io.kubernetes.docker.type": "container" },
    env: { GREETING: "a=b" },
    network: network === "host" ? "host" : `container:${sandbox}`,
    cmd: SLEEP,
  });
}

test("discovery finds Docker containers, follows them to the end, and outlives a daemon restart", async () => {
  const docker = await startDockerd();
  const hostRoot = hostRootOf(docker.namespace);
  const discovery = startDiscovery({
    hostRoot,
    dockerSockets: [docker.socket],
    criSockets: ["/nonexistent"],
  });
  try {
    await untilSnapshot(discovery, "complete snapshot", (snapshot) => snapshot.complete);
    const plain = await docker.run({
      name: "a_b_c_d_e",
      image: tags.busybox,
      mounts: { "/tmp": "/data", [docker.namespace.folder]: "/data/deep" },
      cmd: SLEEP,
    });
    const seen = await untilSnapshot(
      discovery,
      "plain container",
      (snapshot) => named(snapshot, "a_b_c_d_e"),
    );
    const facts = await docker.inspect(plain);
    assert.equal(seen.id, plain);
    assert.equal(seen.image, tags.busybox.replace("docker.io/", ""));
    assert.equal(seen.podName, "");
    assert.equal(seen.ip, facts.NetworkSettings.IPAddress);
    assert.equal(seen.logPath, facts.LogPath);
    assert.equal(seen.logDriver, "json-file");
    assert.equal(seen.upperDir, facts.GraphDriver.Data.UpperDir);
    assert.equal(seen.mergedRoot, facts.GraphDriver.Data.MergedDir);
    assert.deepEqual(seen.mounts.map((mount) => mount.destination), ["/data/deep", "/data"]);
    assert.equal(seen.pid, facts.State.Pid);
    assert.equal(seen.state, "running");

    await runPod(docker, "front", "bridge");
    const web = await untilSnapshot(discovery, "pod container", (snapshot) => named(snapshot, "web"));
    const sandbox = await docker.inspect("k8s_POD_front_shop_uid-front_0");
    assert.deepEqual([web.podName, web.namespace, web.podUid], ["front", "shop", "uid-front"]);
    assert.deepEqual([...web.podLabels], [["app", "front"]]);
    assert.equal(web.ip, sandbox.NetworkSettings.IPAddress);
    assert.equal(web.env.get("GREETING"), "a=b");
    assert.equal(discovery.current().containers.has(sandbox.Id), false);

    const hostPod = await runPod(docker, "edge", "host");
    const edge = await untilSnapshot(discovery, "host pod", (snapshot) => {
      const found = snapshot.containers.get(hostPod);
      return found?.state === "running" && found;
    });
    assert.equal(edge.ip, NODE_IP);
    // A host-network pod is where the agent itself lives.
    assert.deepEqual(ownEvidence(hostRoot, edge.pid, discovery.current()), [
      `cgroup ${hostPod}`,
      `overlay ${hostPod}`,
    ]);

    const backMs = await leastOf("list after the restart, in ms", LIST_BACK_MS, async () => {
      const before = discovery.current().containers.get(plain)?.state;
      await docker.stopDaemon();
      await untilSnapshot(discovery, "away", (snapshot) => snapshot.runtimes[0].state === "away");
      assert.equal(discovery.current().containers.size, 3);
      assert.equal(discovery.current().containers.get(plain)?.state, before);
      await docker.startDaemon();
      const restarted = performance.now();
      await untilSnapshot(
        discovery,
        "list after the restart",
        (snapshot) =>
          snapshot.runtimes[0].state === "ok" && snapshot.containers.get(plain)?.state === "exited",
      );
      return performance.now() - restarted;
    });
    assert.ok(backMs <= LIST_BACK_MS);
    assert.equal(discovery.current().containers.get(plain)?.upperDir, seen.upperDir);
    assert.equal(discovery.current().containers.get(plain)?.ip, seen.ip);

    await docker.start(plain);
    const again = (await docker.inspect(plain)).State.Pid;
    await untilSnapshot(discovery, "new pid", (snapshot) => snapshot.containers.get(plain)?.pid === again);

    docker.freeze();
    discovery.refresh();
    await untilSnapshot(discovery, "silent", (snapshot) => snapshot.runtimes[0].reason === "timeout");
    assert.equal(discovery.current().containers.get(plain)?.state, "running");
    docker.thaw();
    await untilSnapshot(
      discovery,
      "list after the silence",
      ({ runtimes }) => runtimes[0].state === "ok",
      LIST_BACK_MS,
    );

    await docker.remove(plain);
    const gone = await untilSnapshot(discovery, "gone", (snapshot) => {
      const container = snapshot.containers.get(plain);
      return container?.state === "gone" && container;
    });
    assert.equal(gone.logPath, seen.logPath);
    assert.equal(gone.upperDir, seen.upperDir);
    await assertFeedTells(
      { hostRoot, dockerSockets: [docker.socket], criSockets: ["/nonexistent"] },
      (name) => docker.run({ name, image: tags.busybox, cmd: SLEEP }),
    );
  } finally {
    await discovery.stop();
    await docker.teardown();
  }
});
