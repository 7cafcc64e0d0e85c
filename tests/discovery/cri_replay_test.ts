/** Recorded answers and events of containerd 2.4 through the whole way: socket, gRPC, CriApi, CriProvider. */
import assert from "node:assert/strict";
import { CriProvider } from "../../src/discovery/cri_provider.ts";
import { CriApi } from "../../src/host/cri_api.ts";
import { type GrpcHandler, startGrpcServer } from "../support/grpc_server.ts";
import { type CriFixture, fixture, messageOf } from "../support/runtime_fixtures.ts";
import { Fields } from "../support/cri_messages.ts";
import { MemoryFiles } from "../support/virtual_host.ts";
import { within } from "../support/within.ts";

const { ids, podIp, answers, events } = fixture<CriFixture>("containerd_2_4");
const RUNTIME = "/runtime.v1.RuntimeService";
const HOST = "/logtail_host";
const never = new AbortController().signal;

/** The recorded answer that belongs to the id in the request (field 1 of both status requests). */
function answerFor(method: string): GrpcHandler {
  const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
  return (request, reply) => {
    const text = answers[`${method} ${names.get(new Fields(request).text(1)) ?? "missing"}`];
    const refusal = /^status (\d+) (.*)$/s.exec(text);
    if (refusal !== null) return reply.status(Number(refusal[1]), refusal[2]);
    reply.message(messageOf(text));
    reply.status(0);
  };
}

function plain(label: string): GrpcHandler {
  return (_, reply) => {
    reply.message(messageOf(answers[label]));
    reply.status(0);
  };
}

async function withProvider(
  work: (provider: CriProvider, calls: string[]) => Promise<void>,
  files = new MemoryFiles(),
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const server = await startGrpcServer(`${folder}/cri.sock`, {
    [`${RUNTIME}/ListContainers`]: plain("ListContainers"),
    [`${RUNTIME}/ListPodSandbox`]: plain("ListPodSandbox"),
    [`${RUNTIME}/ContainerStatus`]: answerFor("ContainerStatus"),
    [`${RUNTIME}/PodSandboxStatus`]: answerFor("PodSandboxStatus"),
    [`${RUNTIME}/GetContainerEvents`]: (_, reply) => {
      for (const event of events) reply.message(messageOf(event));
    },
  });
  const api = new CriApi(server.socket);
  try {
    const host = { files, hostRoot: HOST, nodeIp: () => "192.0.2.1", containerdStateDir: "" };
    await work(new CriProvider(api, host), server.calls);
  } finally {
    api.close();
    await server.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("CriProvider joins containers to pods when containerd 2.4 answers", () =>
  withProvider(async (provider) => {
    const listed = await provider.list(never);
    assert.deepEqual(listed.map((entry) => entry.id).sort(), [ids.web, ids.done].sort());
    const web = await provider.inspect(ids.web, never);
    assert.ok(web !== null);
    assert.deepEqual(
      [web.name, web.podName, web.namespace, web.podUid, web.ip, web.hostName, web.state],
      ["web", "front", "shop", "uid-1", podIp, "front", "running"],
    );
    assert.equal(web.image, "docker.io/local/busybox:1");
    assert.deepEqual([...web.podLabels], [["app", "front"]]);
    assert.equal(web.env.get("GREETING"), "a=b");
    assert.equal(web.logPath, "/var/log/pods/shop_front_uid-1/web/0.log");
    assert.ok(web.pid > 0);
    const done = await provider.inspect(ids.done, never);
    assert.deepEqual([done?.name, done?.state, done?.pid], ["done", "exited", 0]);
    assert.equal(await provider.inspect("f".repeat(64), never), null);
  }));

Deno.test("CriProvider takes a container's layers from its process when containerd 2.4 names the pid", async () => {
  const files = new MemoryFiles();
  const line = "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/snap/1/fs,upperdir=/snap/9/fs\n";
  await withProvider(async (provider) => {
    await provider.list(never);
    const { pid } = (await provider.inspect(ids.web, never))!;
    files.write(`${HOST}/proc/${pid}/mountinfo`, line);
    assert.equal((await provider.inspect(ids.web, never))?.upperDir, "/snap/9/fs");
  }, files);
});

Deno.test("CriProvider.watch hints at each event of containerd 2.4 and asks no other feed", () =>
  withProvider(async (provider, calls) => {
    assert.ok(events.length >= 6, "two pods, two containers made and started, one ended");
    const abort = new AbortController();
    let hints = 0;
    const watching = provider.watch(() => ++hints === events.length && abort.abort(), abort.signal);
    assert.equal(await within(20_000, "the last event", watching), "ended");
    assert.equal(hints, events.length);
    assert.deepEqual(calls, [`${RUNTIME}/GetContainerEvents`]);
  }));
