import assert from "node:assert/strict";
import { RuntimeError } from "../../src/core/runtime.ts";
import { GrpcChannel, GrpcStatusError } from "../../src/host/grpc.ts";
import { notOnDeno24 } from "../support/deno_version.ts";
import { type GrpcHandler, type GrpcServer, startGrpcServer } from "../support/grpc_server.ts";

const breaking = notOnDeno24(
  "its HTTP/2 server, our fake, throws or hangs when a stream or connection is broken off",
);
const never = new AbortController().signal;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

async function withServer(
  handlers: Record<string, GrpcHandler>,
  body: (channel: GrpcChannel, server: GrpcServer) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const server = await startGrpcServer(`${folder}/s.sock`, handlers);
  const channel = new GrpcChannel(server.socket);
  try {
    await body(channel, server);
  } finally {
    channel.close();
    await server.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The kind of failure of a call that must fail. */
async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GrpcStatusError) return `status ${error.code} ${error.message}`;
    if (error instanceof RuntimeError) return error.reason;
    throw error;
  }
  throw new Error("The call did not fail");
}

Deno.test("GrpcChannel.unary gives the answer when the server ends with status 0", async () => {
  await withServer({
    "/s/Echo": (request, reply) => (reply.message(bytes(`<${text(request)}>`)), reply.status(0)),
  }, async (channel, server) => {
    assert.equal(text(await channel.unary("/s/Echo", bytes("hi"), never)), "<hi>");
    assert.equal(text(await channel.unary("/s/Echo", bytes(""), never)), "<>");
    assert.equal(server.sessions(), 1);
  });
});

Deno.test("GrpcChannel.unary reads an answer whole when it is larger than the flow-control windows", async () => {
  const large = new Uint8Array(3_000_000).map((_, index) => index % 251);
  await withServer({ "/s/Large": (_, reply) => (reply.message(large), reply.status(0)) }, async (channel) => {
    assert.deepEqual(await channel.unary("/s/Large", bytes(""), never), large);
  });
});

Deno.test("GrpcChannel.unary throws the status when it comes in the headers only", async () => {
  await withServer(
    { "/s/Gone": (_, reply) => reply.status(5, "no such thing: 50 %") },
    async (channel, server) => {
      assert.equal(
        await failureOf(channel.unary("/s/Gone", bytes(""), never)),
        "status 5 no such thing: 50 %",
      );
      assert.match(await failureOf(channel.unary("/s/Unknown", bytes(""), never)), /^status 12 /);
      assert.equal(server.sessions(), 1);
    },
  );
});

Deno.test("GrpcChannel.unary throws the status when it comes after a message", async () => {
  await withServer(
    { "/s/Half": (_, reply) => (reply.message(bytes("x")), reply.status(13, "broke")) },
    async (channel) => {
      assert.equal(await failureOf(channel.unary("/s/Half", bytes(""), never)), "status 13 broke");
    },
  );
});

breaking("GrpcChannel.unary fails as away when the stream ends without a status", async () => {
  await withServer({ "/s/Mute": (_, reply) => reply.end() }, async (channel) => {
    assert.equal(await failureOf(channel.unary("/s/Mute", bytes(""), never)), "away");
  });
});

breaking("GrpcChannel opens a new session when the connection broke", async () => {
  let crashes = 1;
  await withServer({
    "/s/Echo": (request, reply) => {
      if (crashes-- > 0) return reply.crash();
      reply.message(request);
      reply.status(0);
    },
  }, async (channel, server) => {
    assert.equal(await failureOf(channel.unary("/s/Echo", bytes("a"), never)), "away");
    assert.equal(text(await channel.unary("/s/Echo", bytes("b"), never)), "b");
    assert.equal(server.sessions(), 2);
  });
});

Deno.test("GrpcChannel fails as away when there is no socket and works when it appears", async () => {
  const folder = Deno.makeTempDirSync();
  const channel = new GrpcChannel(`${folder}/s.sock`);
  assert.equal(await failureOf(channel.unary("/s/Echo", bytes("a"), never)), "away");
  const server = await startGrpcServer(`${folder}/s.sock`, {
    "/s/Echo": (request, reply) => (reply.message(request), reply.status(0)),
  });
  assert.equal(text(await channel.unary("/s/Echo", bytes("b"), never)), "b");
  channel.close();
  await server.stop();
  Deno.removeSync(folder, { recursive: true });
});

breaking("GrpcChannel.unary ends and keeps the session when its signal fires during a hang", async () => {
  let cancelled: Promise<void> | undefined;
  const asked = Promise.withResolvers<void>();
  await withServer({
    "/s/Hang": (_, reply) => {
      cancelled = reply.closed;
      asked.resolve();
    },
    "/s/Echo": (request, reply) => (reply.message(request), reply.status(0)),
  }, async (channel, server) => {
    const abort = new AbortController();
    const call = failureOf(channel.unary("/s/Hang", bytes(""), abort.signal));
    await asked.promise;
    abort.abort(new RuntimeError("timeout", "Too slow"));
    assert.equal(await call, "timeout");
    await cancelled;
    assert.equal(text(await channel.unary("/s/Echo", bytes("on"), never)), "on");
    assert.equal(server.sessions(), 1);
  });
});

Deno.test("GrpcChannel.stream hands over messages until its signal fires", async () => {
  await withServer({
    "/s/Feed": (_, reply) => {
      for (const part of ["a", "b", "c"]) reply.message(bytes(part));
    },
  }, async (channel) => {
    const abort = new AbortController();
    const seen: string[] = [];
    await channel.stream("/s/Feed", bytes(""), (message) => {
      seen.push(text(message));
      if (seen.length === 3) abort.abort();
    }, abort.signal);
    assert.deepEqual(seen, ["a", "b", "c"]);
  });
});

breaking(
  "GrpcChannel.stream throws when the connection breaks and resolves when the server ends it",
  async () => {
    const seen = Promise.withResolvers<void>();
    await withServer({
      "/s/Broken": async (_, reply) => {
        reply.message(bytes("a"));
        await seen.promise;
        reply.crash();
      },
      "/s/Ended": (_, reply) => (reply.message(bytes("a")), reply.status(0)),
    }, async (channel) => {
      assert.equal(
        await failureOf(channel.stream("/s/Broken", bytes(""), () => seen.resolve(), never)),
        "away",
      );
      await channel.stream("/s/Ended", bytes(""), () => {}, never);
    });
  },
);

breaking("GrpcChannel.close fails running calls and later ones as away", async () => {
  const asked = Promise.withResolvers<void>();
  await withServer({ "/s/Hang": () => asked.resolve() }, async (channel) => {
    const call = failureOf(channel.unary("/s/Hang", bytes(""), never));
    await asked.promise;
    channel.close();
    assert.equal(await call, "away");
    assert.equal(await failureOf(channel.unary("/s/Hang", bytes(""), never)), "away");
  });
});
