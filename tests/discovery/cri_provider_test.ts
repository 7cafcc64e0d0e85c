import assert from "node:assert/strict";
import type { CriClient, CriSandboxNetwork } from "../../src/core/runtime.ts";
import { CriProvider } from "../../src/discovery/cri_provider.ts";
import {
  readContainers,
  readSandboxes,
  readSandboxNetwork,
  readStatus,
} from "../../src/host/cri_messages.ts";
import { type CriFixture, fixture, messageOf } from "../support/runtime_fixtures.ts";
import { MemoryFiles } from "../support/virtual_host.ts";

const { ids, podIp, answers } = fixture<CriFixture>("containerd_1_6");
const never = new AbortController().signal;
const HOST = "/logtail_host";

/** Plays the recorded containerd; fields replace single calls. */
function client(fields: Partial<CriClient> = {}): CriClient & { networkCalls: number } {
  const fake = {
    kind: "cri" as const,
    socket: "/run/containerd/containerd.sock",
    networkCalls: 0,
    version: () => Promise.resolve("containerd"),
    listContainers: () => Promise.resolve(readContainers(messageOf(answers.ListContainers))),
    listSandboxes: () => Promise.resolve(readSandboxes(messageOf(answers.ListPodSandbox))),
    containerStatus: (id: string) =>
      Promise.resolve(
        id === ids.web || id === ids.done
          ? readStatus(messageOf(answers[`ContainerStatus ${id === ids.web ? "web" : "done"}`]))
          : null,
      ),
    sandboxNetwork: () => {
      fake.networkCalls++;
      return Promise.resolve<CriSandboxNetwork | null>(
        readSandboxNetwork(messageOf(answers["PodSandboxStatus front"])),
      );
    },
    snapshotOptions: () =>
      Promise.resolve<readonly string[] | null>(["upperdir=/snap/9/fs", "lowerdir=/snap/1/fs"]),
    watch: () => Promise.resolve("unsupported" as const),
    close: () => {},
    ...fields,
  };
  return fake;
}

function provider(criClient: CriClient, files = new MemoryFiles(), containerdStateDir = "") {
  return new CriProvider(criClient, { files, hostRoot: HOST, nodeIp: () => "192.0.2.1", containerdStateDir });
}

const pidOf = (): number =>
  JSON.parse(readStatus(messageOf(answers["ContainerStatus web"]))!.info.get("info")!).pid;

Deno.test("CriProvider.inspect takes layers from mountinfo below the host root, else from the snapshot", async () => {
  const files = new MemoryFiles();
  const subject = provider(client(), files);
  assert.deepEqual((await subject.list(never)).map((entry) => entry.id).sort(), [ids.web, ids.done].sort());
  assert.equal((await subject.inspect(ids.web, never))?.upperDir, "/snap/9/fs");
  const line = "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/proc/1/fs,upperdir=/proc/9/fs\n";
  files.write(`${HOST}/proc/${pidOf()}/mountinfo`, line);
  const web = await subject.inspect(ids.web, never);
  assert.deepEqual([web?.upperDir, web?.lowerDirs], ["/proc/9/fs", ["/proc/1/fs"]]);
  assert.equal((await subject.inspect(ids.done, never))?.upperDir, "/snap/9/fs");
});

Deno.test("CriProvider.inspect takes the address from the sandbox and asks for it once", async () => {
  const fake = client();
  const subject = provider(fake);
  await subject.list(never);
  assert.equal((await subject.inspect(ids.web, never))?.ip, podIp);
  await subject.inspect(ids.done, never);
  assert.equal(fake.networkCalls, 1);
});

Deno.test("CriProvider.inspect takes the node's address for host-network pods", async () => {
  const subject = provider(client({ sandboxNetwork: () => Promise.resolve({ ip: "", hostNetwork: true }) }));
  await subject.list(never);
  assert.equal((await subject.inspect(ids.web, never))?.ip, "192.0.2.1");
});

Deno.test("CriProvider.inspect reads the mounted hosts file when the sandbox has no address", async () => {
  const files = new MemoryFiles();
  const status = readStatus(messageOf(answers["ContainerStatus web"]))!;
  const hosts = status.mounts.find((mount) => mount.containerPath === "/etc/hosts")!.hostPath;
  files.write(`${HOST}${hosts}`, "127.0.0.1 localhost\n10.5.5.5 front\n");
  const subject = provider(client({ sandboxNetwork: () => Promise.resolve(null) }), files);
  await subject.list(never);
  const web = await subject.inspect(ids.web, never);
  assert.deepEqual([web?.ip, web?.hostName], ["10.5.5.5", "front"]);
});

Deno.test("CriProvider.inspect finds the merged root beside the socket or in the state folder", async () => {
  const rootfs = `io.containerd.runtime.v2.task/k8s.io/${ids.web}/rootfs`;
  const files = new MemoryFiles();
  const mergedRoot = async (state = "") => {
    const subject = provider(client(), files, state);
    await subject.list(never);
    return (await subject.inspect(ids.web, never))?.mergedRoot;
  };
  assert.equal(await mergedRoot(), "");
  files.folder(`${HOST}/run/containerd/${rootfs}`);
  assert.equal(await mergedRoot(), `/run/containerd/${rootfs}`);
  files.folder(`${HOST}/state/${rootfs}`);
  assert.equal(await mergedRoot("/state"), `/state/${rootfs}`);
});

Deno.test("CriProvider.list shows a change when labels of container or pod change", async () => {
  let label = "a";
  const subject = provider(client({
    listSandboxes: () => {
      const [first, ...rest] = readSandboxes(messageOf(answers.ListPodSandbox));
      const relabel = (sandbox: typeof first) => ({
        ...sandbox,
        labels: new Map([...sandbox.labels, ["x", label]]),
      });
      return Promise.resolve([relabel(first), ...rest.map(relabel)]);
    },
  }));
  const before = await subject.list(never);
  assert.deepEqual(await subject.list(never), before);
  label = "b";
  const after = await subject.list(never);
  assert.notEqual(after[0].fingerprint, before[0].fingerprint);
});

Deno.test("CriProvider.inspect gives null when the container is gone", async () => {
  const subject = provider(client());
  await subject.list(never);
  assert.equal(await subject.inspect("missing", never), null);
});
