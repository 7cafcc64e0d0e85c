import assert from "node:assert/strict";
import { checkRuntimes } from "../../../src/cli/doctor/check_runtimes.ts";
import type { Container, RuntimeStatus } from "../../../src/core/container.ts";
import { container } from "../../support/runtime_fixtures.ts";
import { TestMachine } from "./test_machine.ts";

const DOCKER = { kind: "docker", socket: "/run/docker.sock" } as const;
const CRI = { kind: "cri", socket: "/run/containerd/containerd.sock" } as const;

function found(
  runtimes: readonly RuntimeStatus[],
  containers: readonly Container[] = [],
  change: (on: TestMachine) => void = () => {},
) {
  const on = new TestMachine();
  change(on);
  const byId = new Map(containers.map((one) => [one.id, one]));
  return checkRuntimes(on.machine(), { sequence: 1, containers: byId, complete: true, runtimes })
    .map((finding) => [finding.state, finding.found, finding.pipelines.join(" "), finding.remedy[0] ?? ""]);
}

Deno.test("checkRuntimes counts the running containers of each runtime that answers", () => {
  const containers = [
    container("a", { runtime: "docker", state: "running" }),
    container("b", { runtime: "docker", state: "exited" }),
    container("c", { runtime: "cri", state: "running" }),
  ];
  assert.deepEqual(found([{ ...DOCKER, state: "ok" }, { ...CRI, state: "ok" }], containers), [
    ["ok", "Docker at '/run/docker.sock' answers: 1 running container", "", ""],
    ["ok", "CRI at '/run/containerd/containerd.sock' answers: 1 running container", "", ""],
  ]);
});

Deno.test("checkRuntimes names a runtime that does not answer, with the remedy of its reason", () => {
  const denied = { ...DOCKER, state: "away", error: "No permission", reason: "denied" } as const;
  assert.deepEqual(found([denied, { ...CRI, state: "absent" }]), [[
    "wrong",
    "Docker at '/run/docker.sock' does not answer: No permission",
    "out inside",
    "Run as root, or as a member of the socket's group (`docker`). The program itself may use the sockets that permissions.md lists.",
  ]]);
  const late = { ...CRI, state: "away", error: "No answer within '3000' ms", reason: "timeout" } as const;
  assert.match(found([late])[0][3], /hangs or is overloaded/);
  const file = { kind: "static", socket: "/etc/c.json", state: "away", error: "no JSON" } as const;
  assert.match(found([file])[0][3], /--static-containers/);
});

Deno.test("checkRuntimes names where it looked when nothing is there, and somebody needs it", () => {
  const absent = [{ ...DOCKER, state: "absent" }, { ...CRI, state: "absent" }] as const;
  assert.deepEqual(found(absent), [[
    "wrong",
    "no runtime found; looked for '/run/docker.sock', '/run/containerd/containerd.sock'",
    "out inside",
    "docker run: -v /var/run:/var/run",
  ]]);
  const unneeded = found(absent, [], (on) => on.pipelines = { host: ["host_files"] });
  assert.deepEqual(unneeded, [["ok", "none found, and no pipeline reads containers", "", ""]]);
});

Deno.test("checkRuntimes recognises the folder that Docker makes for a missing socket", () => {
  const absent = { ...DOCKER, state: "absent" } as const;
  const [[, text]] = found([absent], [], (on) => on.files.folder("/var/run/docker.sock"));
  assert.equal(
    text,
    "'/var/run/docker.sock' is a folder: Docker makes one where a socket is mounted that does not exist",
  );
});
