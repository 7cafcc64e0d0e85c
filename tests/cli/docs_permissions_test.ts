import assert from "node:assert/strict";
import { permissionsPage } from "../../src/cli/docs_permissions.ts";
import { PERMISSIONS } from "../../src/cli/permissions.ts";

Deno.test("permissionsPage has a row for each permission, with its reason", () => {
  const page = permissionsPage();
  for (const { kind, why } of PERMISSIONS) {
    assert.ok(page.split("\n").some((line) => line.startsWith(`| ${kind} |`) && line.includes(why)), why);
  }
  assert.match(page, /\| net \| any \| daemonset, vm \|/);
  assert.match(page, /\| sys \| `hostname` \| .*\| until pipelines run \|/);
});
