import assert from "node:assert/strict";
import { ownContainer, type OwnFacts } from "../../src/discovery/own_container.ts";
import { container } from "../support/runtime_fixtures.ts";

const OWN = "a".repeat(63) + "1";
const OTHER = "b".repeat(63) + "2";
const NONE: OwnFacts = { cgroup: "", mountinfo: "", hostPid: 0, hostName: "" };

const known = new Map([
  [OTHER, container(OTHER, { pid: 20, upperDir: "/u/2/fs" })],
  [OWN, container(OWN, { pid: 10, upperDir: "/u/1/fs" })],
]);
const find = (facts: Partial<OwnFacts>) => ownContainer({ ...NONE, ...facts }, known);

Deno.test("ownContainer reads the id out of each form of cgroup when version 1 or the host's namespace shows it", () => {
  for (
    const cgroup of [
      `9:name=systemd:/kubepods/besteffort/pod1234/${OWN}\n1:cpu:/\n`,
      `0::/kubepods.slice/kubepods-pod12.slice/cri-containerd-${OWN}.scope\n`,
      `0::/system.slice/docker-${OWN}.scope\n`,
      `4:memory:/docker/${OWN}\n`,
      `0::/machine.slice/crio-${OWN}.scope\n`,
      `4:memory:/docker/${"c".repeat(64)}/docker/${OWN}\n`,
    ]
  ) assert.deepEqual(find({ cgroup }), { id: OWN, evidence: "cgroup" }, cgroup);
});

Deno.test("ownContainer goes by pid, overlay and mounts when cgroup version 2 hides the id", () => {
  const cgroup = "0::/\n";
  assert.deepEqual(find({ cgroup, hostPid: 10 }), { id: OWN, evidence: "pid" });
  const root = "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u/1/fs\n";
  assert.deepEqual(find({ cgroup, hostPid: 77, mountinfo: root }), { id: OWN, evidence: "overlay" });
  const bind = `5 1 8:1 /docker/containers/${OWN}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n`;
  assert.deepEqual(find({ cgroup, mountinfo: bind }), { id: OWN, evidence: "mounts" });
});

Deno.test("ownContainer is not misled by other containers' mounts below a host root", () => {
  const rootfs =
    `5 1 0:9 / /logtail_host/run/containerd/k8s.io/${OTHER}/rootfs rw - overlay overlay rw,upperdir=/u/2/fs\n`;
  assert.equal(find({ mountinfo: rootfs }), null);
});

Deno.test("ownContainer goes by HOSTNAME only when it is Docker's short id", () => {
  assert.deepEqual(find({ hostName: OWN.slice(0, 12) }), { id: OWN, evidence: "hostname" });
  for (const hostName of ["", "node-1", "a", OWN.slice(0, 11)]) assert.equal(find({ hostName }), null);
});

Deno.test("ownContainer gives null when this process is in no known container", () => {
  assert.equal(find({ cgroup: `1:cpu:/docker/${"c".repeat(64)}\n`, hostPid: 99 }), null);
  const gone = new Map([[OWN, container(OWN, { pid: 10, state: "exited" })]]);
  assert.equal(ownContainer({ ...NONE, hostPid: 10 }, gone), null);
});
