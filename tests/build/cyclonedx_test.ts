import assert from "node:assert/strict";
import { billOfMaterials, type Lock, type Materials } from "../../build/cyclonedx.ts";
import { isUnusedPackage } from "../../build/leave_out.ts";
import { importedAtRunTime, sourceTexts } from "../../build/stage.ts";
import { projectRoot } from "../support/paths.ts";
import { textOf } from "../support/tree.ts";

const lock: Lock = {
  specifiers: { "npm:@scope/a@1.0.0": "1.0.0", "npm:b@^2": "2.5.0", "npm:tests-only@1.0.0": "1.0.0" },
  npm: {
    "@scope/a@1.0.0": { integrity: "sha512-AAH/", dependencies: ["c", "d@2.0.0", "nan"] },
    "b@2.5.0": { integrity: "sha512-AAE=" },
    "c@1.2.3": { integrity: "sha512-AAI=", dependencies: ["@scope/a"] },
    "d@1.0.0": { integrity: "sha512-AAM=" },
    "d@2.0.0": { integrity: "sha512-AAQ=" },
    "nan@1.0.0": { integrity: "sha512-AAU=" },
    "tests-only@1.0.0": { integrity: "sha512-AAY=" },
  },
};

function materials(change: Partial<Materials> = {}): Materials {
  return {
    config: {
      name: "@denotail/denotail",
      version: "7.8.9",
      license: "MIT",
      imports: {
        "@scope/a": "npm:@scope/a@1.0.0",
        b: "npm:b@^2",
        "tests-only": "npm:tests-only@1.0.0",
        "@std/fs": "jsr:@std/fs@^1",
      },
    },
    lock,
    imported: new Set(["@scope/a/wire", "b", "@std/fs", "node:fs"]),
    denoVersion: "2.9.6",
    licenseOf: (id) => id.startsWith("b@") ? "(MIT OR Apache-2.0)" : id.startsWith("c@") ? "ISC" : undefined,
    timestamp: "2026-01-02T03:04:05.000Z",
    ...change,
  };
}

Deno.test("billOfMaterials lists what the sources import and what that needs, and nothing else", () => {
  const bill = billOfMaterials(materials());
  assert.deepEqual(bill.components.map(({ purl }) => purl), [
    "pkg:github/denoland/deno@v2.9.6",
    "pkg:npm/%40scope/a@1.0.0",
    "pkg:npm/b@2.5.0",
    "pkg:npm/c@1.2.3",
    "pkg:npm/d@2.0.0",
  ]);
  const [, a, b, c] = bill.components;
  assert.deepEqual([a.group, a.name, a.version], ["@scope", "a", "1.0.0"]);
  assert.deepEqual(a.hashes, [{ alg: "SHA-512", content: "0001ff" }]);
  assert.equal(a.licenses, undefined);
  assert.deepEqual(b.licenses, [{ expression: "(MIT OR Apache-2.0)" }]);
  assert.deepEqual(c.licenses, [{ license: { id: "ISC" } }]);
  assert.equal(bill.metadata.component.version, "7.8.9");
  assert.equal(bill.metadata.timestamp, "2026-01-02T03:04:05.000Z");
});

Deno.test("billOfMaterials says who needs whom, with names that the list has", () => {
  const bill = billOfMaterials(materials());
  const needs = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  assert.deepEqual(needs.get("pkg:generic/denotail@7.8.9"), [
    "pkg:github/denoland/deno@v2.9.6",
    "pkg:npm/%40scope/a@1.0.0",
    "pkg:npm/b@2.5.0",
  ]);
  assert.deepEqual(needs.get("pkg:npm/%40scope/a@1.0.0"), ["pkg:npm/c@1.2.3", "pkg:npm/d@2.0.0"]);
  assert.deepEqual(needs.get("pkg:npm/c@1.2.3"), ["pkg:npm/%40scope/a@1.0.0"], "a circle is no trouble");
  const refs = [bill.metadata.component, ...bill.components].map((part) => part["bom-ref"]);
  assert.deepEqual([...needs.keys()].sort(), [...refs].sort());
});

Deno.test("billOfMaterials throws when the lock file lacks a package, or has another kind of hash", () => {
  const without = { ...lock, npm: { ...lock.npm } };
  delete (without.npm as Record<string, unknown>)["b@2.5.0"];
  assert.throws(() => billOfMaterials(materials({ lock: without })), /has no 'npm:b@\^2'/);
  const sha1 = { ...lock, npm: { ...lock.npm, "b@2.5.0": { integrity: "sha1-AAE=" } } };
  assert.throws(() => billOfMaterials(materials({ lock: sha1 })), /another kind/);
  const vague = {
    ...lock,
    npm: { ...lock.npm, "b@2.5.0": { integrity: "sha512-AAE=", dependencies: ["d"] } },
  };
  assert.throws(() => billOfMaterials(materials({ lock: vague })), /2 packages for 'd'/);
});

Deno.test("billOfMaterials of this checkout has the clients and none of the packages that are left out", () => {
  const imported = importedAtRunTime(sourceTexts(projectRoot));
  const [config, ourLock] = ["deno.json", "deno.lock"].map((name) => JSON.parse(textOf(name)));
  const bill = billOfMaterials(materials({ config, lock: ourLock, imported }));
  const names = bill.components.map(({ group, name }) => group === undefined ? name : `${group}/${name}`);
  for (const name of ["deno", "kafkajs", "dockerode", "js-yaml", "@bufbuild/protobuf"]) {
    assert.ok(names.includes(name), name);
  }
  assert.deepEqual(names.filter((name) => isUnusedPackage(name) || name === "fast-check"), []);
});
