import assert from "node:assert/strict";
import type { DockerClient, DockerInspect, DockerListEntry } from "../../src/core/runtime.ts";
import { DockerProvider } from "../../src/discovery/docker_provider.ts";
import { type DockerFixture, fixture } from "../support/runtime_fixtures.ts";
import { MemoryFiles } from "../support/virtual_host.ts";

const { ids, list, inspects, tags } = fixture<DockerFixture>("docker_20_10");
const never = new AbortController().signal;
const HOST = "/logtail_host";

interface FakeDocker extends DockerClient {
  entries: readonly DockerListEntry[];
  inspects: Map<string, DockerInspect>;
  calls: string[];
}

/** Plays the recorded daemon. */
function client(): FakeDocker {
  const fake: FakeDocker = {
    kind: "docker",
    socket: "/run/docker.sock",
    entries: list,
    inspects: new Map(Object.values(inspects).map((inspect) => [inspect.Id, inspect])),
    calls: [],
    list: () => Promise.resolve(fake.entries),
    inspect: (id) => {
      fake.calls.push(id);
      return Promise.resolve(fake.inspects.get(id) ?? null);
    },
    imageTags: (id) => {
      fake.calls.push(id);
      return Promise.resolve(tags[id] ?? []);
    },
    watch: () => Promise.resolve("unsupported"),
    close: () => {},
  };
  return fake;
}

function provider(fake: DockerClient, files = new MemoryFiles()): DockerProvider {
  return new DockerProvider(fake, {
    files,
    hostRoot: HOST,
    nodeIp: () => "192.0.2.1",
    containerdStateDir: "",
  });
}

/** The recorded member with other fields. */
function member(fields: Partial<DockerInspect>): DockerInspect {
  return { ...inspects.member, ...fields };
}

Deno.test("DockerProvider.list leaves out sandboxes and what never started", async () => {
  const fake = client();
  fake.entries = [...list, { Id: "new", Names: ["/new"], State: "created" }];
  const listed = await provider(fake).list(never);
  assert.deepEqual(listed.map((entry) => entry.id).sort(), [ids.member, ids.plain].sort());
});

Deno.test("DockerProvider.inspect gives pod labels and address from the sandbox", async () => {
  const fake = client();
  const subject = provider(fake);
  await subject.list(never);
  const web = (await subject.inspect(ids.member, never))!;
  assert.deepEqual([...web.podLabels], [["app", "front"]]);
  assert.equal(web.ip, inspects.sandbox.NetworkSettings?.IPAddress);
  assert.equal(web.image, "local/busybox:1");
  await subject.inspect(ids.member, never);
  assert.equal(fake.calls.filter((id) => id === ids.sandbox).length, 1);
  assert.equal(fake.calls.filter((id) => id.startsWith("sha256:")).length, 1);
});

Deno.test("DockerProvider.inspect gives no pod labels to a container outside Kubernetes", async () => {
  const subject = provider(client());
  await subject.list(never);
  assert.equal((await subject.inspect(ids.plain, never))?.podLabels.size, 0);
});

Deno.test("DockerProvider.inspect takes the node's address on the host's network", async () => {
  const fake = client();
  fake.inspects.set(ids.member, member({ HostConfig: { NetworkMode: "host" } }));
  const subject = provider(fake);
  await subject.list(never);
  assert.equal((await subject.inspect(ids.member, never))?.ip, "192.0.2.1");
});

Deno.test("DockerProvider.inspect reads the hosts file when nothing else has an address", async () => {
  const fake = client();
  const files = new MemoryFiles();
  const config = { Hostname: "front-1" };
  fake.inspects.set(ids.member, member({ HostConfig: {}, Config: config, HostsPath: "/d/hosts" }));
  files.write(`${HOST}/d/hosts`, "10.4.4.4 front-1\n");
  const subject = provider(fake, files);
  await subject.list(never);
  assert.equal((await subject.inspect(ids.member, never))?.ip, "10.4.4.4");
});

Deno.test("DockerProvider.inspect takes layers from mountinfo when Docker names none", async () => {
  const fake = client();
  const files = new MemoryFiles();
  fake.inspects.set(ids.member, member({ GraphDriver: null, State: { Status: "running", Pid: 42 } }));
  files.write(
    `${HOST}/proc/42/mountinfo`,
    "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u/9/fs\n",
  );
  const subject = provider(fake, files);
  await subject.list(never);
  const web = await subject.inspect(ids.member, never);
  assert.deepEqual([web?.upperDir, web?.lowerDirs], ["/u/9/fs", ["/l"]]);
});

Deno.test("DockerProvider takes the running sandbox when a pod has several", async () => {
  const fake = client();
  const sandbox = list.find((entry) => entry.Id === ids.sandbox)!;
  const other = (Id: string, State: string, app: string) => ({
    ...sandbox,
    Id,
    State,
    Labels: { ...sandbox.Labels, app },
  });
  fake.entries = [
    other("s3", "exited", "newer"),
    other("s2", "running", "now"),
    other("s1", "exited", "old"),
    ...list.filter((entry) => entry !== sandbox),
  ];
  const subject = provider(fake);
  await subject.list(never);
  assert.equal((await subject.inspect(ids.member, never))?.podLabels.get("app"), "now");
});

Deno.test("DockerProvider.list shows a change when the sandbox appears later or a name changes", async () => {
  const fake = client();
  const subject = provider(fake);
  const of = async () => (await subject.list(never)).find((entry) => entry.id === ids.member)?.fingerprint;
  fake.entries = list.filter((entry) => entry.Id !== ids.sandbox);
  const alone = await of();
  fake.entries = list;
  const joined = await of();
  assert.notEqual(joined, alone);
  fake.entries = list.map((entry) => entry.Id === ids.member ? { ...entry, Names: ["/renamed"] } : entry);
  assert.notEqual(await of(), joined);
});
