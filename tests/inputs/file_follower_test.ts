import assert from "node:assert/strict";
import type { Container } from "../../src/core/container.ts";
import { AgentWorld } from "../support/agent_world.ts";
import { container } from "../support/runtime_fixtures.ts";
import { layered, mapOf, pod } from "./containers.ts";

const UPPER = "/host/layers/c1/upper";

/** `*.log` below this folder of the containers, `more` as YAML. */
async function start(world: AgentWorld, LogPath: string, more = ""): Promise<void> {
  await world.start("file_log", `LogPath: "${LogPath}"\nFilePattern: "*.log"\nDockerFile: true\n${more}`);
  world.run();
}

/** Contents with the path inside the container. */
function seen(world: AgentWorld): string[] {
  const paths = world.values("__tag__:__path__");
  return world.values().map((text, i) => `${paths[i]} ${text}`).sort();
}

Deno.test("FileFollower reads a path from the container's longest mount over it", async () => {
  const world = new AgentWorld();
  world.files.append("/host/volumes/data/log/a.log", "volume\n");
  world.files.append("/host/volumes/inner/a.log", "inner\n");
  world.files.append(`${UPPER}/data/log/a.log`, "hidden by the mount\n");
  world.discovery.publish(layered("c1", {
    mounts: [
      { source: "/volumes/inner", destination: "/data/log/deep" },
      { source: "/volumes/data", destination: "/data" },
    ],
  }));
  await start(world, "/data/log", "MaxDepth: 1");
  assert.deepEqual(seen(world), ["/data/log/a.log volume", "/data/log/deep/a.log inner"]);
  assert.equal(
    world.delivered.sources.find(({ tags }) => tags.get("__tag__:__path__") === "/data/log/a.log")?.key,
    "c1:/data/log/a.log",
  );
});

Deno.test("FileFollower finds mounts below the searched folder when no listing shows them", async () => {
  for (const [path, more] of [["/**", ""], ["/srv", "MaxDepth: 3"], ["/srv/*/log", ""]] as const) {
    const world = new AgentWorld();
    world.files.append("/host/volumes/app/x.log", "mounted\n");
    world.files.folder(UPPER);
    world.discovery.publish(
      layered("c1", { mounts: [{ source: "/volumes/app", destination: "/srv/app/log" }] }),
    );
    await start(world, path, more);
    assert.deepEqual(seen(world), ["/srv/app/log/x.log mounted"], path);
  }
});

Deno.test("FileFollower reads a file that is mounted by itself", async () => {
  const world = new AgentWorld();
  world.files.append("/host/volumes/one.log", "alone\n");
  world.files.append(`${UPPER}/log/app.log`, "");
  world.discovery.publish(
    layered("c1", { mounts: [{ source: "/volumes/one.log", destination: "/log/app.log" }] }),
  );
  await start(world, "/log");
  assert.deepEqual(seen(world), ["/log/app.log alone"]);
});

Deno.test("FileFollower reads the overlay's upper layer before the lower ones", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/both.log`, "upper\n");
  world.files.append("/host/layers/image/log/both.log", "lower\n");
  world.files.append("/host/layers/image/log/image.log", "from the image\n");
  world.files.append("/host/layers/image/log/deleted.log", "deleted\n");
  world.files.whiteout(`${UPPER}/log/deleted.log`);
  world.discovery.publish(layered("c1", { lowerDirs: ["/layers/image"] }));
  await start(world, "/log");
  assert.deepEqual(seen(world), ["/log/both.log upper", "/log/image.log from the image"]);
});

Deno.test("FileFollower holds no file open through a merged root", async () => {
  const world = new AgentWorld();
  world.files.append("/host/run/c1/rootfs/log/a.log", "one\n");
  world.discovery.publish(layered("c1", { upperDir: "", mergedRoot: "/run/c1/rootfs" }));
  await start(world, "/log");
  assert.equal(world.files.openCount, 0);
  world.files.append("/host/run/c1/rootfs/log/a.log", "two\n");
  for (let i = 0; i < 20; i++) {
    world.run(100);
    assert.equal(world.files.openCount, 0);
  }
  assert.deepEqual(world.values(), ["one", "two"]);
});

Deno.test("FileFollower loses nothing and holds nothing open when a file in a merged root is rotated", async () => {
  for (const kind of ["rename", "copytruncate"]) {
    const world = new AgentWorld();
    const log = "/host/run/c1/rootfs/log/a.log";
    world.files.append(log, "one\n".repeat(30));
    world.discovery.publish(layered("c1", { upperDir: "", mergedRoot: "/run/c1/rootfs" }));
    await start(world, "/log");
    world.files.append(log, "two\n");
    if (kind === "rename") world.files.rename(log, `${log}.1`);
    else {
      world.files.copy(log, `${log}.1`);
      world.files.truncate(log);
    }
    world.files.append(log, "three\n");
    for (let i = 0; i < 100; i++) {
      world.run(100);
      assert.equal(world.files.openCount, 0, kind);
    }
    assert.deepEqual(world.values().slice(30), ["two", "three"], kind);
  }
});

Deno.test("FileFollower keeps files of mounts and layers open", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/a.log`, "one\n");
  world.discovery.publish(layered("c1"));
  await start(world, "/log");
  assert.equal(world.files.openCount, 1);
});

Deno.test("FileFollower follows links inside the container only", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/data/app/a.log`, "linked folder\n");
  world.files.link("/data/app", `${UPPER}/log`);
  world.files.append("/host/etc/shadow", "secret\n");
  world.files.link("/etc/shadow", `${UPPER}/data/app/shadow.log`);
  world.files.link("../../../../etc/shadow", `${UPPER}/data/app/up.log`);
  world.discovery.publish(layered("c1"));
  await start(world, "/log");
  assert.deepEqual(seen(world), ["/log/a.log linked folder"]);
  assert.equal(world.warnings("File is not read").length, 2);
});

Deno.test("FileFollower begins and ends to follow when labels change", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/a.log`, "one\n");
  const off = pod("c1", { upperDir: "/layers/c1/upper", podLabels: mapOf({}) });
  const on = pod("c1", { upperDir: "/layers/c1/upper", podLabels: mapOf({ collect: "yes" }) });
  world.discovery.publish(off);
  await start(world, "/log", "ContainerInfo: {IncludeK8sLabel: {collect: yes}}");
  assert.deepEqual(world.values(), []);
  world.discovery.publish(on);
  world.run();
  assert.deepEqual(world.values(), ["one"]);
  world.discovery.publish(off);
  world.files.append(`${UPPER}/log/a.log`, "unwanted then\n");
  world.run();
  assert.deepEqual(world.values(), ["one"]);
  assert.equal(world.files.openCount, 0);
  world.discovery.publish(on);
  world.run();
  assert.deepEqual(world.values(), ["one", "unwanted then"], "goes on where it was");
});

Deno.test("FileFollower reads a container that is gone to its end, with what was known of it", async () => {
  const world = new AgentWorld();
  const alive = pod("c1", { upperDir: "/layers/c1/upper" });
  world.files.append(`${UPPER}/log/a.log`, "one\n");
  world.discovery.publish(alive);
  await start(world, "/log");
  world.files.append(`${UPPER}/log/a.log`, "two\nlast without newline");
  world.discovery.publish({ ...alive, state: "gone" });
  world.run(20_000);
  assert.deepEqual(world.values(), ["one", "two", "last without newline"]);
  assert.deepEqual(world.values("__tag__:_pod_name_"), ["web-0", "web-0", "web-0"]);
  assert.equal(world.files.openCount, 0);
  world.discovery.publish();
  world.run();
  assert.equal(world.delivered.lines.length, 3);
});

Deno.test("FileFollower reads to the end when the container vanishes from the list at once", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/a.log`, "one\n");
  world.discovery.publish(pod("c1", { upperDir: "/layers/c1/upper" }));
  await start(world, "/log");
  world.delivered.roomBytes = 0;
  world.files.append(`${UPPER}/log/a.log`, "two\n");
  world.run();
  world.discovery.publish();
  world.run(20_000);
  assert.deepEqual(world.values(), ["one"], "no room yet");
  world.delivered.roomBytes = 1 << 20;
  world.run(20_000);
  assert.deepEqual(world.values(), ["one", "two"]);
  assert.deepEqual(world.values("__tag__:_pod_name_"), ["web-0", "web-0"]);
});

Deno.test("FileFollower goes on when a container runs again under the same id", async () => {
  for (const pauseMs of [1_000, 30_000]) {
    const world = new AgentWorld();
    const running = layered("c1");
    world.files.append(`${UPPER}/log/a.log`, "one\n");
    world.discovery.publish(running);
    await start(world, "/log");
    world.discovery.publish({ ...running, state: "exited" });
    world.run(pauseMs);
    world.discovery.publish({ ...running, pid: 2 });
    world.files.append(`${UPPER}/log/a.log`, "two\n");
    world.files.append(`${UPPER}/log/b.log`, "new\n");
    world.run(20_000);
    world.files.append(`${UPPER}/log/a.log`, "three\n");
    world.run();
    assert.deepEqual(world.values().toSorted(), ["new", "one", "three", "two"], `after ${pauseMs} ms`);
  }
});

Deno.test("FileFollower reads what a container left that was over before it was seen", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/a.log`, "short life");
  world.discovery.publish(layered("c1", { state: "exited" }));
  await start(world, "/log");
  world.run(20_000);
  assert.deepEqual(world.values(), ["short life"]);
  assert.equal(world.files.openCount, 0);
});

Deno.test("FileFollower follows a container whose layers are known later", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/a.log`, "one\n");
  world.discovery.publish(layered("c1", { upperDir: "" }));
  await start(world, "/log");
  assert.deepEqual(world.values(), []);
  world.discovery.publish(layered("c1"));
  world.run(6_000);
  assert.deepEqual(world.values(), ["one"]);
});

const HIDDEN = "Files of a container are not visible below the host root";
const IN_VM = "Files of a container in a virtual machine cannot be read";

/** Fields of the warnings that one publication of this container, twice, gives. */
async function said(message: string, given: Container, LogPath: string, more = "") {
  const world = new AgentWorld();
  world.discovery.publish(given);
  await start(world, LogPath, more);
  world.discovery.publish({ ...given, ip: "10.9.9.9" });
  world.run(10_000);
  return world.warnings(message).map(({ container, mount, path }) => [container, mount, path]);
}

Deno.test("FileFollower names what it cannot see, once, with container, mount and path", async () => {
  const mounts = [{ source: "/var/lib/kubelet/pods/1/vol", destination: "/data" }];
  const mounted = layered("c1", { name: "app", mounts });
  assert.deepEqual(await said(HIDDEN, mounted, "/data/log"), [["app", mounts[0].source, "/data/log"]]);
  assert.deepEqual(await said(HIDDEN, mounted, "/*"), [
    ["app", "root file system", "/"],
    ["app", mounts[0].source, "/data"],
  ]);
  assert.deepEqual(await said(HIDDEN, layered("c1", { name: "app" }), "/log"), [
    ["app", "root file system", "/log"],
  ]);
  assert.deepEqual(await said(IN_VM, { ...mounted, vmIsolated: true }, "/data/log"), [
    ["app", mounts[0].source, "/data/log"],
  ]);
  assert.deepEqual(await said(HIDDEN, { ...mounted, vmIsolated: true }, "/data/log"), []);
});

Deno.test("FileFollower says nothing of what it can see", async () => {
  const world = new AgentWorld();
  world.files.folder("/host/real/volume");
  world.files.link("/real/volume", "/host/volume");
  world.files.folder(UPPER);
  world.discovery.publish(layered("c1", {
    mounts: [{ source: "/volume", destination: "/data" }, { source: "/nowhere", destination: "/other" }],
  }));
  await start(world, "/data/**");
  await world.restart();
  world.run();
  assert.deepEqual(world.warnings(HIDDEN), []);
});

Deno.test("FileFollower reads a static container's mounts, layers, or the agent's own view", async () => {
  const run = async (fields: Partial<Container>, path: string) => {
    const world = new AgentWorld(undefined, "/");
    world.files.append(path, "sidecar\n");
    world.discovery.publish(container("c1", { runtime: "static", name: "app", ...fields }));
    await start(world, "/log");
    assert.deepEqual(world.warnings(HIDDEN), []);
    return seen(world);
  };
  const expected = ["/log/a.log sidecar"];
  assert.deepEqual(
    await run({ mounts: [{ source: "/shared", destination: "/log" }] }, "/shared/a.log"),
    expected,
  );
  assert.deepEqual(await run({ upperDir: "/upper" }, "/upper/log/a.log"), expected);
  assert.deepEqual(await run({}, "/log/a.log"), expected);
});

Deno.test("FileFollower follows rotations inside a container and goes on after a crash", async () => {
  const world = new AgentWorld();
  world.files.append(`${UPPER}/log/a.log`, "one\n");
  world.discovery.publish(layered("c1"));
  await start(world, "/log");
  world.files.append(`${UPPER}/log/a.log`, "two\n");
  world.files.rename(`${UPPER}/log/a.log`, `${UPPER}/log/a.log.1`);
  world.files.append(`${UPPER}/log/a.log`, "three\n");
  world.run(3_000);
  assert.deepEqual(world.values(), ["one", "two", "three"]);
  await world.restart();
  world.files.append(`${UPPER}/log/a.log`, "four\n");
  world.run(3_000);
  assert.deepEqual(world.values(), ["one", "two", "three", "four"]);
});

Deno.test("FileFollower cuts long paths and ids in tags at a character", async () => {
  const world = new AgentWorld();
  world.node = { ...world.node, userDefinedId: "é".repeat(80) };
  const folder = `/log/${"ü".repeat(120)}/${"ü".repeat(120)}/${"x".repeat(40)}`;
  world.files.append(`/host${folder}/a.log`, "a\n");
  await world.start("input_file", `FilePaths: ["${folder}/a.log"]`);
  world.run();
  const [path, id] = ["__tag__:__path__", "__tag__:__user_defined_id__"].map((key) => world.values(key)[0]!);
  assert.equal(new TextEncoder().encode(path).length, 511);
  assert.equal(id, "é".repeat(49));
});
