import assert from "node:assert/strict";
import { AgentWorld } from "../support/agent_world.ts";
import { container } from "../support/runtime_fixtures.ts";
import { cri, json, logOf, pod } from "./containers.ts";

const TYPE = "service_docker_stdout";

Deno.test("StdioFollower joins pieces per stream, and keeps their order", async () => {
  const world = new AgentWorld();
  world.files.append(
    logOf("c1"),
    cri("a1 ", "stdout", "P") + cri("e1 ", "stderr", "P") + cri("a2", "stdout", "F") +
      cri("e2", "stderr", "F:x"),
  );
  world.discovery.publish(pod());
  await world.start(TYPE);
  world.run();
  assert.deepEqual(world.values(), ["a1 a2", "e1 e2"]);
});

Deno.test("StdioFollower reads the last lines of a container that is gone, with its names", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("one"));
  world.discovery.publish(pod());
  await world.start(TYPE);
  world.run();
  world.files.append(logOf("c1"), cri("two") + cri("open piece", "stdout", "P"));
  world.discovery.publish();
  world.run(30_000);
  assert.deepEqual(world.values(), ["one", "two", "open piece"]);
  assert.deepEqual(world.values("_pod_name_"), ["web-0", "web-0", "web-0"]);
  assert.equal(world.files.openCount, 0);
});

Deno.test("StdioFollower goes on when a docker container runs again under its id", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), json("one\n"));
  world.discovery.publish(container("c1"));
  await world.start(TYPE);
  world.run();
  world.discovery.publish(container("c1", { state: "exited" }));
  world.run(30_000);
  world.files.append(logOf("c1"), json("two\n"));
  world.discovery.publish(container("c1", { pid: 9 }));
  world.run(3_000);
  assert.deepEqual(world.values(), ["one", "two"]);
});

Deno.test("StdioFollower reads the log of a container in a virtual machine: it lies on the host", async () => {
  const world = new AgentWorld();
  world.files.append(logOf("c1"), cri("one"));
  world.discovery.publish(pod("c1", { vmIsolated: true }));
  await world.start(TYPE);
  world.run();
  assert.deepEqual(world.values(), ["one"]);
});

Deno.test("StdioFollower follows the runtime's links below the host root", async () => {
  const world = new AgentWorld();
  world.files.append("/host/data/containers/c1/0.log", cri("one"));
  world.files.link("/data/containers", "/host/var/log/pods");
  world.discovery.publish(pod("c1", { logPath: "/var/log/pods/c1/0.log" }));
  await world.start(TYPE);
  world.run();
  assert.deepEqual(world.values(), ["one"]);
});

Deno.test("StdioFollower takes the names that are known when a file is opened", async () => {
  const world = new AgentWorld();
  world.discovery.publish(pod("c1", { ip: "" }));
  await world.start(TYPE);
  world.run();
  world.discovery.publish(pod("c1", { ip: "10.1.0.9" }));
  world.files.append(logOf("c1"), cri("one"));
  world.run(3_000);
  assert.deepEqual(world.values("_container_ip_"), ["10.1.0.9"]);
});

Deno.test("StdioFollower names a container once whose log folder is not below the host root, and reads it when it is", async () => {
  const world = new AgentWorld();
  const hidden = { logPath: "/var/log/pods/shop_web-0_uid-1/nginx/0.log" };
  world.discovery.publish(pod("c1", hidden));
  await world.start(TYPE);
  world.run();
  world.discovery.publish(pod("c1", { ...hidden, ip: "10.1.0.9" }));
  world.run();
  const said = world.log.lines.filter(({ message }) =>
    message.startsWith("Container's output is not visible")
  );
  assert.equal(said.length, 1);
  assert.equal(said[0].fields.path, hidden.logPath);
  assert.equal(said[0].fields.remedy, "Mount the host's /var/log/pods there, or the host's /");
  world.files.append(`/host${hidden.logPath}`, cri("one"));
  world.run(3_000);
  assert.deepEqual(world.values(), ["one"]);
});

Deno.test("StdioFollower says nothing of a container whose log folder is there and whose file is not yet", async () => {
  const world = new AgentWorld();
  world.files.append("/host/logs/other.log", "");
  world.discovery.publish(pod("c1", { logPath: "/logs/c1.log" }));
  await world.start(TYPE);
  world.run();
  assert.deepEqual(world.log.lines.filter(({ level }) => level === "warn"), []);
});
