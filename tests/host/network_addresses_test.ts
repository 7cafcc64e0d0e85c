import assert from "node:assert/strict";
import { networkAddresses } from "../../src/host/network_addresses.ts";

Deno.test("networkAddresses shows loopback among the machine's own", () => {
  assert.ok(networkAddresses().some((each) => each.address === "127.0.0.1" && each.family === "IPv4"));
});

Deno.test({
  name: "networkAddresses is empty when the program may not ask",
  permissions: { sys: false },
  fn: () => assert.deepEqual(networkAddresses(), []),
});
