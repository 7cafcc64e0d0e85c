import assert from "node:assert/strict";
import { permissionFlags, v8Flag } from "../../build/deno_flags.ts";
import { grantsOf } from "../../src/cli/permissions.ts";

const grants = { read: ["/a", "/b"], write: ["/run/docker.sock"], net: null, env: ["A_*"], sys: [] };

Deno.test("permissionFlags never prompts, and gives lists only where something is listed", () => {
  assert.deepEqual(permissionFlags(grants, "2.9.6"), [
    "--no-prompt",
    "--allow-read=/a,/b",
    "--allow-write=/run/docker.sock",
    "--allow-net",
    "--allow-env=A_*",
  ]);
});

Deno.test("permissionFlags never gives a kind as a whole, save net", () => {
  for (const profile of ["daemonset", "vm"] as const) {
    const whole = permissionFlags(grantsOf(profile), "2.9.6").filter((flag) => !flag.includes("="));
    assert.deepEqual(whole, ["--no-prompt", "--allow-net"]);
  }
});

Deno.test("permissionFlags lists sockets for net where Deno wants it and addresses are listed", () => {
  const listed = { ...grants, net: ["kafka:9092"] };
  const net = (version: string) =>
    permissionFlags(listed, version).find((flag) => flag.startsWith("--allow-net"));
  assert.equal(net("2.9.6"), "--allow-net=kafka:9092,localhost:80,unix:/run/docker.sock");
  // Deno 2.4 refuses the whole flag for a 'unix:'.
  assert.equal(net("2.4.2"), "--allow-net=kafka:9092,localhost:80");
});

Deno.test("v8Flag gives all of V8's flags in one", () => {
  assert.match(
    v8Flag(),
    /^--v8-flags=--max-semi-space-size=2,--expose-gc,--no-concurrent-recompilation,--enable-experimental-regexp-engine,/,
  );
});
