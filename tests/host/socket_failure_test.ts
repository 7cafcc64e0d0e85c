import assert from "node:assert/strict";
import { RuntimeError } from "../../src/core/runtime.ts";
import { socketFailure } from "../../src/host/socket_failure.ts";

Deno.test("socketFailure says denied when file modes or our own permissions refuse the socket", () => {
  const refused = [
    Object.assign(new Error("connect"), { code: "EACCES" }),
    Object.assign(new Error("connect"), { code: "EPERM" }),
    new Deno.errors.NotCapable("net"),
    new Deno.errors.PermissionDenied("file"),
  ];
  for (const error of refused) assert.equal(socketFailure(error, "/s").reason, "denied");
});

Deno.test("socketFailure says away for everything that a restart cures, and keeps the cause", () => {
  const lost = Object.assign(new Error("connect"), { code: "ENOENT" });
  assert.equal(socketFailure(lost, "/s").reason, "away");
  assert.equal(socketFailure(lost, "/s").cause, lost);
  assert.match(socketFailure(undefined, "/run/x.sock").message, /'\/run\/x.sock'/);
});

Deno.test({
  name: "socketFailure says denied when the program may not use the socket, whatever the error is called",
  permissions: { read: ["/granted.sock"], write: ["/granted.sock"] },
  fn() {
    const unnamed = Object.assign(new Error("connect UNKNOWN"), { code: "UNKNOWN" });
    assert.equal(socketFailure(unnamed, "/granted.sock").reason, "away");
    assert.equal(socketFailure(unnamed, "/other.sock").reason, "denied");
  },
});

Deno.test("socketFailure passes on what is already a RuntimeError", () => {
  const error = new RuntimeError("timeout", "Too slow");
  assert.equal(socketFailure(error, "/s"), error);
});
