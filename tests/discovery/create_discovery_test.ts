import assert from "node:assert/strict";
import type { CriClient, DockerClient } from "../../src/core/runtime.ts";
import { createDiscovery } from "../../src/discovery/create_discovery.ts";
import { type DockerFixture, fixture } from "../support/runtime_fixtures.ts";
import { MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

const docker = fixture<DockerFixture>("docker_20_10");

Deno.test("createDiscovery finds sockets, static info and the node's address by itself", async () => {
  const clock = new VirtualClock();
  const files = new MemoryFiles(clock);
  files.fifo("/run/docker.sock");
  files.write("/static.json", '[{"ID":"s1","Name":"side"}]');
  const opened: string[] = [];
  const discovery = createDiscovery({
    clock,
    files,
    environment: (name) => name === "NODE_IP" ? "192.0.2.1" : undefined,
    addresses: () => [],
    subscriberFailed: (error) => {
      throw error;
    },
    runtimes: {
      docker: (socket): DockerClient => {
        opened.push(socket);
        return {
          kind: "docker",
          socket,
          list: () => Promise.resolve(docker.list),
          inspect: (id) =>
            Promise.resolve(Object.values(docker.inspects).find((each) => each.Id === id) ?? null),
          imageTags: () => Promise.resolve([]),
          watch: () => Promise.resolve("unsupported"),
          close: () => {},
        };
      },
      cri: (): CriClient => assert.fail("There is no CRI socket"),
    },
  }, { staticInfoPath: "/static.json", hostName: "node-1" });
  discovery.start();
  await clock.run(10);
  const { containers, complete, runtimes } = discovery.current();
  assert.equal(complete, true);
  assert.deepEqual(opened, ["/run/docker.sock"]);
  assert.deepEqual([...containers.keys()].sort(), [docker.ids.member, docker.ids.plain, "s1"].sort());
  assert.deepEqual([containers.get("s1")?.ip, containers.get("s1")?.hostName], ["192.0.2.1", "node-1"]);
  assert.deepEqual(runtimes.map((runtime) => `${runtime.kind} ${runtime.state}`), [
    "docker ok",
    "cri absent",
    "cri absent",
    "cri absent",
    "static ok",
  ]);
  await discovery.stop();
  assert.equal(clock.pending, 0);
});
