import assert from "node:assert/strict";
import { RuntimeError } from "../../src/core/runtime.ts";
import { DockerApi } from "../../src/host/docker_api.ts";
import { type DockerFixture, fixture } from "../support/runtime_fixtures.ts";

const { ids, list, inspects, tags } = fixture<DockerFixture>("docker_20_10");
const imageId = inspects.member.Image!;
const never = new AbortController().signal;

async function withDaemon(
  answer: (path: string, request: Request) => Response | Promise<Response>,
  body: (api: DockerApi) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/docker.sock`;
  const server = Deno.serve({ path, onListen: () => {} }, (request) => {
    const url = request.url.replace(/^[a-z+]+:\/\/[^/]*/, "");
    return answer(decodeURIComponent(url.slice(url.indexOf("/"))), request);
  });
  try {
    await body(new DockerApi(path));
  } finally {
    await server.shutdown();
    Deno.removeSync(folder, { recursive: true });
  }
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(() => null, (thrown) => thrown);
  assert.ok(error instanceof RuntimeError, String(error));
  return error.reason;
}

// dockerode keeps connections for the next call; they are the test runner's leaks, not ours.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

test("DockerApi lists, inspects and reads tags from a recorded daemon", async () => {
  const paths: string[] = [];
  await withDaemon((path) => {
    paths.push(path);
    if (path.startsWith("/containers/json")) return Response.json(list);
    if (path.startsWith(`/containers/${ids.member}/json`)) return Response.json(inspects.member);
    if (path.startsWith("/images/")) return Response.json({ RepoTags: tags[imageId] });
    return Response.json({ message: "No such container" }, { status: 404 });
  }, async (api) => {
    assert.deepEqual((await api.list(never)).map((entry) => entry.Id), list.map((entry) => entry.Id));
    assert.match(paths[0], /all=(true|1)/);
    assert.equal((await api.inspect(ids.member, never))?.Name, "/k8s_web_front_shop_uid-1_0");
    assert.deepEqual(await api.imageTags(imageId, never), tags[imageId]);
    assert.equal(await api.inspect("missing", never), null);
  });
});

test("DockerApi gives no tags when an image is gone or has none", async () => {
  let gone = true;
  await withDaemon(
    () => gone ? Response.json({}, { status: 404 }) : Response.json({ RepoTags: null }),
    async (api) => {
      assert.deepEqual(await api.imageTags("sha256:1", never), []);
      gone = false;
      assert.deepEqual(await api.imageTags("sha256:1", never), []);
    },
  );
});

test("DockerApi tells why it failed when the daemon errs, is no Docker, or is not there", async () => {
  let answer = () => Response.json({ message: "broken" }, { status: 500 });
  await withDaemon(() => answer(), async (api) => {
    assert.equal(await reasonOf(api.list(never)), "failed");
    answer = () => Response.json({ hello: "world" });
    assert.equal(await reasonOf(api.list(never)), "failed");
  });
  assert.equal(await reasonOf(new DockerApi("/nonexistent/docker.sock").list(never)), "away");
});

test("DockerApi ends a call when its signal fires during a hang", async () => {
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await withDaemon(async () => {
    asked.resolve();
    await release.promise;
    return Response.json([]);
  }, async (api) => {
    const abort = new AbortController();
    const reason = reasonOf(api.list(abort.signal));
    await asked.promise;
    abort.abort();
    assert.equal(await reason, "away");
    release.resolve();
  });
});
