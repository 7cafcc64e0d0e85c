import assert from "node:assert/strict";
import { PermanentError } from "../../src/core/errors.ts";
import { staticContainers } from "../../src/discovery/static_info.ts";

const defaults = { hostName: "node-1", ip: "192.0.2.1" };

Deno.test("staticContainers reads every field when it is given", () => {
  const [container] = staticContainers(
    JSON.stringify([{
      ID: "c1",
      Name: "/app",
      Created: "2023-11-14T22:13:20Z",
      HostName: "h",
      IP: "10.0.0.1",
      Image: "shop/app:1",
      LogPath: "/logs/app.log",
      Labels: { "io.kubernetes.pod.name": "front", "io.kubernetes.container.name": "web", team: "x" },
      LogType: "json-file",
      UpperDir: "/upper",
      Env: { A: "1" },
      Mounts: [{ Source: "/s", Destination: "/d", Driver: "" }, { Source: "/t", Destination: "/d/e" }],
      State: { Status: "exited", Pid: 7 },
    }]),
    defaults,
  );
  assert.deepEqual([container.id, container.runtime, container.name, container.podName], [
    "c1",
    "static",
    "web",
    "front",
  ]);
  assert.deepEqual([container.ip, container.hostName, container.logDriver], ["10.0.0.1", "h", "json-file"]);
  assert.deepEqual([container.upperDir, container.env.get("A"), container.labels.get("team")], [
    "/upper",
    "1",
    "x",
  ]);
  assert.deepEqual(container.mounts.map((mount) => mount.destination), ["/d/e", "/d"]);
  assert.deepEqual([container.state, container.pid, container.createdMs], ["exited", 7, 1_700_000_000_000]);
});

Deno.test("staticContainers fills in host and address, and takes a missing state for running", () => {
  const [container] = staticContainers('[{"ID":"c1","Name":"app"}]', defaults);
  assert.deepEqual([container.hostName, container.ip, container.state, container.name], [
    "node-1",
    "192.0.2.1",
    "running",
    "app",
  ]);
});

Deno.test("staticContainers refuses the whole text when any of it is wrong", () => {
  const cases: [string, RegExp][] = [
    ["{", /not JSON/],
    ["{}", /not a JSON array/],
    ["[1]", /Element 0 is not an object/],
    ['[{"ID":"a"},{"Name":"b"}]', /'ID' of element 1 is missing/],
    ['[{"ID":7}]', /'ID' of element 0 is not a string/],
    ['[{"ID":"a"},{"ID":"a"}]', /Element 1 has the ID 'a' of another one/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => staticContainers(text, defaults), (error) => {
      assert.ok(error instanceof PermanentError);
      assert.match(error.message, message);
      return true;
    });
  }
});
