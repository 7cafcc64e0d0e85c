import assert from "node:assert/strict";
import { hostView } from "../../src/core/host_view.ts";

Deno.test("hostView puts paths below the host root when there is one", () => {
  const paths = (root: string, path: string) => hostView(root).candidates(path).map((place) => place.path);
  assert.deepEqual(paths("/", "/var/log"), ["/var/log"]);
  assert.deepEqual(paths("/", "/"), ["/"]);
  assert.deepEqual(paths("/logtail_host", "/var/log"), ["/logtail_host/var/log"]);
  assert.deepEqual(paths("/logtail_host/", "/"), ["/logtail_host"]);
});
