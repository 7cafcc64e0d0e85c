import assert from "node:assert/strict";
import { RuntimeError } from "../../src/core/runtime.ts";
import { watchDocker } from "../../src/host/docker_events.ts";

const never = new AbortController().signal;

/** Serves one answer for `GET /events` on a socket. */
async function withEvents(answer: () => Response, body: (socket: string) => Promise<void>): Promise<string> {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/docker.sock`;
  let asked = "";
  const server = Deno.serve({ path, onListen: () => {} }, (request) => {
    asked = decodeURIComponent(request.url.slice(request.url.indexOf("/events")));
    return answer();
  });
  try {
    await body(path);
  } finally {
    await server.shutdown();
    Deno.removeSync(folder, { recursive: true });
  }
  return asked;
}

const event = (Action: string, ID: string) => `${JSON.stringify({ Action, Actor: { ID } })}\n`;

Deno.test("watchDocker hints with the container's id, without for a removed one, however lines are cut", async () => {
  const bytes = new TextEncoder().encode(event("start", "aa") + event("destroy", "bb") + event("die", "cc"));
  const pieces = [bytes.slice(0, 10), bytes.slice(10, 60), bytes.slice(60)];
  const hints: (string | undefined)[] = [];
  const asked = await withEvents(() => new Response(ReadableStream.from(pieces)), async (socket) => {
    assert.equal(await watchDocker(socket, (id) => hints.push(id), never), "ended");
  });
  assert.deepEqual(hints, ["aa", undefined, "cc"]);
  assert.match(asked, /^\/events\?filters=\{"type":\["container"\],"event":\["start",/);
});

Deno.test("watchDocker ends when its signal fires while the daemon is silent", async () => {
  const abort = new AbortController();
  await withEvents(
    () =>
      new Response(
        new ReadableStream({
          start: (stream) => stream.enqueue(new TextEncoder().encode(event("start", "a"))),
        }),
      ),
    async (socket) => {
      assert.equal(await watchDocker(socket, () => abort.abort(), abort.signal), "ended");
    },
  );
});

Deno.test("watchDocker is unsupported when the daemon refuses, and throws when there is none", async () => {
  await withEvents(() => new Response("no", { status: 404 }), async (socket) => {
    assert.equal(await watchDocker(socket, () => {}, never), "unsupported");
  });
  await assert.rejects(watchDocker("/nonexistent/docker.sock", () => {}, never), (error) => {
    assert.ok(error instanceof RuntimeError);
    assert.equal(error.reason, "away");
    return true;
  });
});
