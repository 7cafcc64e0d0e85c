import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { RuntimeError } from "../../src/core/runtime.ts";
import { CriApi } from "../../src/host/cri_api.ts";
import { notOnDeno24 } from "../support/deno_version.ts";
import { type GrpcHandler, type GrpcServer, startGrpcServer } from "../support/grpc_server.ts";
import { type CriFixture, fixture, messageOf } from "../support/runtime_fixtures.ts";

const { ids, answers } = fixture<CriFixture>("containerd_1_6");
const RUNTIME = "/runtime.v1.RuntimeService";
const EVENTS = "/containerd.services.events.v1.Events/Subscribe";
const MOUNTS = "/containerd.services.snapshots.v1.Snapshots/Mounts";
const breaking = notOnDeno24(
  "its HTTP/2 server, our fake, throws or hangs when a stream or connection is broken off",
);
const never = new AbortController().signal;

/** Plays a recorded answer, a refusal as well. */
function recorded(label: string): GrpcHandler {
  return (_, reply) => {
    const refusal = /^status (\d+) (.*)$/s.exec(answers[label]);
    if (refusal !== null) return reply.status(Number(refusal[1]), refusal[2]);
    reply.message(messageOf(answers[label]));
    reply.status(0);
  };
}

async function withApi(
  handlers: Record<string, GrpcHandler>,
  body: (api: CriApi, server: GrpcServer) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const server = await startGrpcServer(`${folder}/cri.sock`, handlers);
  const api = new CriApi(server.socket);
  try {
    await body(api, server);
  } finally {
    api.close();
    await server.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(() => null, (thrown) => thrown);
  assert.ok(error instanceof RuntimeError, String(error));
  return error.reason;
}

Deno.test("CriApi answers from a recorded containerd", async () => {
  await withApi({
    [`${RUNTIME}/Version`]: recorded("Version"),
    [`${RUNTIME}/ListContainers`]: recorded("ListContainers"),
    [`${RUNTIME}/ListPodSandbox`]: recorded("ListPodSandbox"),
    [`${RUNTIME}/ContainerStatus`]: recorded("ContainerStatus web"),
    [`${RUNTIME}/PodSandboxStatus`]: recorded("PodSandboxStatus edge"),
  }, async (api) => {
    assert.equal(await api.version(never), "containerd 1.6.20~ds1");
    assert.equal((await api.listContainers(never)).length, 2);
    assert.equal((await api.listSandboxes(never)).length, 2);
    assert.equal((await api.containerStatus(ids.web, never))?.name, "web");
    assert.equal((await api.sandboxNetwork(ids.edge, never))?.hostNetwork, true);
  });
});

Deno.test("CriApi gives null when a container or sandbox is gone", async () => {
  await withApi({
    [`${RUNTIME}/ContainerStatus`]: recorded("ContainerStatus missing"),
    [`${RUNTIME}/PodSandboxStatus`]: (_, reply) => reply.status(5, "not found"),
    [MOUNTS]: (_, reply) => reply.status(5, "not found"),
  }, async (api) => {
    assert.equal(await api.containerStatus("f", never), null);
    assert.equal(await api.sandboxNetwork("f", never), null);
    assert.equal(await api.snapshotOptions("overlayfs", "f", never), null);
  });
});

Deno.test("CriApi tells why it failed when the service is missing, not ready, in trouble or not there", async () => {
  let code = 14;
  await withApi({ [`${RUNTIME}/ListPodSandbox`]: (_, reply) => reply.status(code, "no") }, async (api) => {
    assert.equal(await reasonOf(api.listContainers(never)), "unsupported");
    assert.equal(await reasonOf(api.listSandboxes(never)), "away");
    code = 2;
    assert.equal(await reasonOf(api.listSandboxes(never)), "failed");
  });
  const nobody = new CriApi("/nonexistent/cri.sock");
  assert.equal(await reasonOf(nobody.listContainers(never)), "away");
  nobody.close();
});

Deno.test("CriApi asks containerd's snapshots in the namespace of CRI", async () => {
  let namespace: unknown;
  const mount = new BinaryWriter().tag(1, 2).string("overlay").tag(4, 2).string("upperdir=/u").finish();
  await withApi({
    [MOUNTS]: (_, reply) => {
      namespace = reply.metadata["containerd-namespace"];
      reply.message(new BinaryWriter().tag(1, 2).bytes(mount).finish());
      reply.status(0);
    },
  }, async (api) => {
    assert.deepEqual(await api.snapshotOptions("overlayfs", "k", never), ["upperdir=/u"]);
    assert.equal(namespace, "k8s.io");
  });
});

Deno.test("CriApi.watch hints at each message when the runtime has CRI's feed, as containerd 2 has", async () => {
  const { events } = fixture<CriFixture>("containerd_2_4");
  assert.ok(events.length >= 5);
  await withApi({
    [`${RUNTIME}/GetContainerEvents`]: (_, reply) => {
      for (const event of events) reply.message(messageOf(event));
    },
  }, async (api, server) => {
    const abort = new AbortController();
    let hints = 0;
    const end = await api.watch(() => ++hints === events.length && abort.abort(), abort.signal);
    assert.equal(end, "ended");
    assert.deepEqual(server.calls, [`${RUNTIME}/GetContainerEvents`]);
  });
});

Deno.test("CriApi.watch falls back to containerd's events and passes over those of images", async () => {
  const [refusal] = fixture<CriFixture>("containerd_1_6").events;
  const event = (topic: string) => new BinaryWriter().tag(3, 2).string(topic).finish();
  await withApi({
    [`${RUNTIME}/GetContainerEvents`]: (_, reply) => {
      assert.match(refusal, /^status 12 /);
      reply.status(12, refusal);
    },
    [EVENTS]: (_, reply) => {
      for (const topic of ["/images/update", "/tasks/start", "/snapshot/prepare", "/containers/delete"]) {
        reply.message(event(topic));
      }
      reply.status(0);
    },
  }, async (api, server) => {
    let hints = 0;
    assert.equal(await api.watch(() => hints++, never), "ended");
    assert.equal(hints, 2);
    assert.deepEqual(server.calls, [`${RUNTIME}/GetContainerEvents`, EVENTS]);
  });
});

Deno.test("CriApi.watch says unsupported when the runtime has no feed at all", async () => {
  await withApi({}, async (api) => {
    assert.equal(await api.watch(() => {}, never), "unsupported");
  });
});

breaking("CriApi.watch throws when the connection breaks", async () => {
  const seen = Promise.withResolvers<void>();
  await withApi({
    [`${RUNTIME}/GetContainerEvents`]: async (_, reply) => {
      reply.message(new Uint8Array(0));
      await seen.promise;
      reply.crash();
    },
  }, async (api) => {
    assert.equal(await reasonOf(api.watch(() => seen.resolve(), never)), "away");
  });
});
