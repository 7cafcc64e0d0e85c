import assert from "node:assert/strict";
import { isVmRuntime } from "../../src/discovery/vm_runtime.ts";

Deno.test("isVmRuntime is true when a name stands for a machine border", () => {
  for (
    const name of ["kata", "kata-qemu", "io.containerd.kata.v2", "runsc", "io.containerd.runsc.v1", "rund"]
  ) {
    assert.equal(isVmRuntime(name), true, name);
  }
  assert.equal(isVmRuntime("io.containerd.runc.v2", "kata"), true);
});

Deno.test("isVmRuntime is false when the runtime shares the host's kernel", () => {
  for (const name of ["", "runc", "io.containerd.runc.v2", "crun", "nvidia", "youki"]) {
    assert.equal(isVmRuntime(name), false, name);
  }
});
