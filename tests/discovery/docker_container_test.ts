import assert from "node:assert/strict";
import type { DockerInspect } from "../../src/core/runtime.ts";
import { dockerAddress, dockerContainer, dockerState, timeMs } from "../../src/discovery/docker_container.ts";
import { type DockerFixture, fixture } from "../support/runtime_fixtures.ts";

const { ids, inspects } = fixture<DockerFixture>("docker_20_10");
const context = { podLabels: new Map([["app", "front"]]), imageTags: [], fallbackIp: "" };

Deno.test("dockerContainer reads everything when Docker's own answer is given", () => {
  const member = dockerContainer(inspects.member, { ...context, fallbackIp: "10.0.0.9" })!;
  assert.equal(member.id, ids.member);
  assert.deepEqual([member.name, member.podName, member.namespace, member.podUid], [
    "web",
    "front",
    "shop",
    "uid-1",
  ]);
  assert.equal(member.podLabels, context.podLabels);
  assert.equal(member.env.get("GREETING"), "a=b");
  assert.equal(member.ip, "10.0.0.9");
  assert.match(member.logPath, new RegExp(`/containers/${ids.member}/${ids.member}-json.log$`));
  assert.equal(member.logDriver, "json-file");
  assert.match(member.upperDir, /\/overlay2\/[0-9a-f]{64}\/diff$/);
  assert.match(member.mergedRoot, /\/overlay2\/[0-9a-f]{64}\/merged$/);
  assert.match(member.lowerDirs[0], /\/overlay2\/[0-9a-f]{64}-init\/diff$/);
  assert.deepEqual(member.mounts, [
    { source: "/var/tmp", destination: "/data/deep" },
    { source: "/tmp", destination: "/data" },
  ]);
  assert.equal(member.state, "running");
  assert.ok(member.pid > 0 && member.startedMs >= member.createdMs && member.createdMs > 0);
  assert.deepEqual([member.isPause, member.vmIsolated], [false, false]);
  assert.ok(Object.isFrozen(member) && Object.isFrozen(member.mounts));
});

Deno.test("dockerContainer keeps paths and says exited when the process has ended", () => {
  const plain = dockerContainer(inspects.plain, context)!;
  assert.deepEqual([plain.name, plain.podName, plain.state, plain.pid], ["a_b_c_d_e", "", "exited", 0]);
  assert.match(plain.upperDir, /diff$/);
});

Deno.test("dockerContainer knows the sandbox and reads annotations from labels", () => {
  const sandbox = dockerContainer(inspects.sandbox, context)!;
  assert.equal(sandbox.isPause, true);
  assert.deepEqual([...sandbox.annotations], [["seen", "yes"]]);
  assert.match(sandbox.ip, /^10\./);
});

Deno.test("dockerContainer names the image by the tag that was asked for, else the first, else what was asked", () => {
  const image = (asked: string, imageTags: string[]) => {
    const inspect: DockerInspect = {
      Id: "a",
      Image: "sha256:1",
      Config: { Image: asked },
      State: { Status: "running" },
    };
    return dockerContainer(inspect, { ...context, imageTags })!.image;
  };
  assert.equal(image("nginx", ["web:1", "nginx:latest"]), "nginx:latest");
  assert.equal(image("web:1", ["nginx:latest", "web:1"]), "web:1");
  assert.equal(image("sha256:1", ["nginx:latest", "web:1"]), "nginx:latest");
  assert.equal(image("nginx:1.0", []), "nginx:1.0");
  assert.equal(image("", []), "sha256:1");
});

Deno.test("dockerContainer lives with an answer that lacks nearly everything", () => {
  const bare = dockerContainer({ Id: "a", State: { Status: "running" } }, context)!;
  assert.deepEqual([bare.name, bare.logPath, bare.upperDir, bare.mounts.length, bare.lowerDirs.length], [
    "",
    "",
    "",
    0,
    0,
  ]);
  assert.equal(dockerContainer({ Id: "a", State: { Status: "created" } }, context), null);
});

Deno.test("dockerState maps Docker's words when they are known or new", () => {
  const states = ["running", "paused", "restarting", "exited", "dead", "removing", "created"].map(
    dockerState,
  );
  assert.deepEqual(states, ["running", "running", "running", "exited", "exited", "exited", null]);
});

Deno.test("dockerAddress looks into the networks when the old field is empty, as from Docker 29 on", () => {
  const networks = { none: null, empty: { IPAddress: "" }, shop: { IPAddress: "10.1.2.3" } };
  assert.equal(dockerAddress({ Id: "a", NetworkSettings: { Networks: networks } }), "10.1.2.3");
  assert.equal(
    dockerAddress({ Id: "a", NetworkSettings: { IPAddress: "10.9.9.9", Networks: networks } }),
    "10.9.9.9",
  );
  assert.equal(dockerAddress({ Id: "a" }), "");
});

Deno.test("timeMs reads nanoseconds and takes Docker's zero time for none", () => {
  assert.equal(timeMs("2023-11-14T22:13:20.123456789Z"), 1_700_000_000_123);
  assert.equal(timeMs("0001-01-01T00:00:00Z"), 0);
  assert.equal(timeMs(undefined), 0);
  assert.equal(timeMs("yesterday"), 0);
});
