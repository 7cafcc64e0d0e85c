import assert from "node:assert/strict";
import { isLeftover, isUnusedPackage } from "../../build/leave_out.ts";

Deno.test("isLeftover finds what no program runs", () => {
  for (
    const path of [
      "index.d.ts",
      "src/index.d.mts",
      "lib/index.js.map",
      "test/a.js",
      "lib/tests/b.js",
      "build/Release/cpufeatures.node",
      "README.md",
      "dist/long.min.js",
      "tdigest.spec.js",
      "proto/a.proto",
      "Makefile",
      ".scripts-warned-10207151042490860437",
      "examples/x/y.js",
    ]
  ) assert.ok(isLeftover(path), path);
});

Deno.test("isLeftover keeps code, data and licences", () => {
  for (
    const path of [
      "index.js",
      "lib/a.cjs",
      "a.mjs",
      "package.json",
      "wasm/x.wasm",
      "LICENSE",
      "LICENSE.md",
      "NOTICE",
      "build/type/types/index.mjs",
      "lib/latest.js",
      "contest/a.js",
    ]
  ) assert.ok(!isLeftover(path), path);
});

Deno.test("isUnusedPackage names types and native add-ons", () => {
  assert.ok(isUnusedPackage("@types/node") && isUnusedPackage("cpu-features"));
  assert.ok(!isUnusedPackage("kafkajs"));
});
