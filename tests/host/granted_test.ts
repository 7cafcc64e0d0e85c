import assert from "node:assert/strict";
import { granted } from "../../src/host/granted.ts";

Deno.test({
  name: "granted says what the program may do, and asks nobody",
  permissions: {
    read: ["/granted"],
    write: [],
    env: ["GRANTED"],
    net: ["127.0.0.1:9092"],
    sys: ["hostname"],
  },
  fn() {
    assert.equal(granted("read", "/granted/below"), true);
    assert.equal(granted("read", "/other"), false);
    assert.equal(granted("write", "/granted"), false);
    assert.equal(granted("env", "GRANTED"), true);
    assert.equal(granted("env", "OTHER"), false);
    assert.equal(granted("net", "127.0.0.1:9092"), true);
    assert.equal(granted("net", "127.0.0.1:9093"), false);
    assert.equal(granted("sys", "hostname"), true);
    assert.equal(granted("sys", "networkInterfaces"), false);
    assert.equal(granted("net", "no host at all:"), false);
  },
});
