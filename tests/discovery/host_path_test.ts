import assert from "node:assert/strict";
import { belowHostRoot, withoutHostRoot } from "../../src/discovery/host_path.ts";

Deno.test("belowHostRoot and withoutHostRoot undo each other", () => {
  for (const root of ["/", "", "/logtail_host"]) {
    assert.equal(withoutHostRoot(root, belowHostRoot(root, "/run/x")), "/run/x");
  }
  assert.equal(belowHostRoot("/logtail_host", "/a"), "/logtail_host/a");
  assert.equal(withoutHostRoot("/logtail_host", "/logtail_hosts/a"), "/logtail_hosts/a");
});
