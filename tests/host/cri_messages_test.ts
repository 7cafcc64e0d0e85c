import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  readContainers,
  readSandboxes,
  readSandboxNetwork,
  readStatus,
  readVersion,
  writeStatusRequest,
} from "../../src/host/cri_messages.ts";
import { type CriFixture, fixture, messageOf } from "../support/runtime_fixtures.ts";

for (const name of ["containerd_1_6", "containerd_2_4"]) {
  const { ids, podIp, answers } = fixture<CriFixture>(name);
  const message = (label: string) => messageOf(answers[label]);

  Deno.test(`readContainers reads the list when ${name} wrote it`, () => {
    const containers = readContainers(message("ListContainers"));
    const web = containers.find((container) => container.id === ids.web)!;
    assert.deepEqual([web.sandboxId, web.state], [ids.front, "running"]);
    assert.equal(web.labels.get("io.kubernetes.container.name"), "web");
    assert.equal(web.annotations.get("io.kubernetes.container.restartCount"), "0");
    assert.equal(containers.find((container) => container.id === ids.done)?.state, "exited");
    assert.equal(containers.length, 2);
  });

  Deno.test(`readSandboxes reads metadata and labels when ${name} wrote them`, () => {
    const sandboxes = readSandboxes(message("ListPodSandbox"));
    const front = sandboxes.find((sandbox) => sandbox.id === ids.front)!;
    assert.deepEqual([front.podName, front.namespace, front.podUid], ["front", "shop", "uid-1"]);
    assert.equal(front.labels.get("app"), "front");
    assert.equal(front.runtimeHandler, "");
    assert.equal(sandboxes.length, 2);
  });

  Deno.test(`readSandboxNetwork tells pod network from host network when ${name} wrote it`, () => {
    assert.deepEqual(readSandboxNetwork(message("PodSandboxStatus front")), {
      ip: podIp,
      hostNetwork: false,
    });
    assert.deepEqual(readSandboxNetwork(message("PodSandboxStatus edge")), { ip: "", hostNetwork: true });
  });

  Deno.test(`readStatus reads status and verbose info when ${name} wrote them`, () => {
    const web = readStatus(message("ContainerStatus web"))!;
    assert.deepEqual([web.id, web.name, web.state], [ids.web, "web", "running"]);
    assert.equal(web.image, "docker.io/local/busybox:1");
    assert.equal(web.logPath, "/var/log/pods/shop_front_uid-1/web/0.log");
    assert.deepEqual(web.mounts.map((mount) => mount.containerPath), ["/etc/hosts", "/dev/termination-log"]);
    assert.ok(web.createdMs > 1_700_000_000_000 && web.startedMs >= web.createdMs);
    assert.equal(JSON.parse(web.info.get("info")!).runtimeType, "io.containerd.runc.v2");
    assert.equal(readStatus(message("ContainerStatus done"))?.state, "exited");
  });
}

Deno.test("readVersion gives name and number", () => {
  const { answers } = fixture<CriFixture>("containerd_1_6");
  assert.equal(readVersion(messageOf(answers.Version)), "containerd 1.6.20~ds1");
});

Deno.test("readContainers takes a missing state for created and a new one for unknown", () => {
  const container = (state: number | null) => {
    const writer = new BinaryWriter().tag(1, 2).string("c");
    return state === null ? writer.finish() : writer.tag(6, 0).int32(state).finish();
  };
  const list = new BinaryWriter();
  for (const state of [null, 1, 9]) list.tag(1, 2).bytes(container(state));
  assert.deepEqual(readContainers(list.finish()).map((each) => each.state), [
    "created",
    "running",
    "unknown",
  ]);
});

Deno.test("readStatus gives null when the answer has no status", () => {
  assert.equal(readStatus(new Uint8Array(0)), null);
});

Deno.test("writeStatusRequest writes id and verbose as the wire format asks", () => {
  assert.deepEqual([...writeStatusRequest("ab", true)], [0x0a, 2, 0x61, 0x62, 0x10, 1]);
  assert.deepEqual([...writeStatusRequest("ab", false)], [0x0a, 2, 0x61, 0x62]);
});
