import assert from "node:assert/strict";
import type { Container } from "../../src/core/container.ts";
import { below, containerView, covers } from "../../src/inputs/container_view.ts";
import { container } from "../support/runtime_fixtures.ts";

const view = (fields: Partial<Container>, hostRoot = "/host") =>
  containerView(() => container("c1", fields), hostRoot);
const OPEN = true;

Deno.test("containerView maps a path by the longest mount over it", () => {
  const mounts = [{ source: "/v/log", destination: "/data/log" }, { source: "/v", destination: "/data" }];
  const { candidates, extraNames } = view({ mounts, upperDir: "/u" });
  assert.deepEqual(candidates("/data/log/a"), [{ path: "/host/v/log/a", mayStayOpen: OPEN }]);
  assert.deepEqual(candidates("/data/log"), [{ path: "/host/v/log", mayStayOpen: OPEN }]);
  assert.deepEqual(candidates("/data/logs"), [{ path: "/host/v/logs", mayStayOpen: OPEN }]);
  assert.deepEqual(candidates("/database"), [{ path: "/host/u/database", mayStayOpen: OPEN }]);
  assert.deepEqual(extraNames?.("/"), ["data"]);
  assert.deepEqual(extraNames?.("/data"), ["log"]);
  assert.deepEqual(extraNames?.("/data/log"), []);
});

Deno.test("containerView offers the layers in order, else the merged root, else nothing", () => {
  const layers = view({ upperDir: "/u", lowerDirs: ["/l1", "/l2"], mergedRoot: "/m" }).candidates("/x");
  assert.deepEqual(layers.map(({ path }) => path), ["/host/u/x", "/host/l1/x", "/host/l2/x"]);
  assert.deepEqual(view({ mergedRoot: "/m" }).candidates("/x"), [{ path: "/host/m/x", mayStayOpen: false }]);
  assert.deepEqual(view({ mergedRoot: "/m" }).candidates("/"), [{ path: "/host/m", mayStayOpen: false }]);
  assert.deepEqual(view({}).candidates("/x"), []);
  assert.deepEqual(view({ runtime: "static" }).candidates("/x"), [{ path: "/host/x", mayStayOpen: OPEN }]);
});

Deno.test("containerView sees what becomes known later", () => {
  let known = container("c1");
  const later = containerView(() => known, "/host");
  assert.deepEqual(later.candidates("/x"), []);
  known = container("c1", { upperDir: "/u" });
  assert.equal(later.candidates("/x").length, 1);
});

Deno.test("containerView maps a mount at the root, and works without a host root", () => {
  const whole = view({ mounts: [{ source: "/v", destination: "/" }] }, "/");
  assert.deepEqual(whole.candidates("/a").map(({ path }) => path), ["/v/a"]);
  assert.deepEqual(whole.candidates("/").map(({ path }) => path), ["/v"]);
  assert.equal(below("/host", "/"), "/host");
  assert.equal(below("/", "/a"), "/a");
  assert.ok(covers("/", "/a") && covers("/a", "/a") && covers("/a", "/a/b") && !covers("/a", "/ab"));
});
