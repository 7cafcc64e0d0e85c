import assert from "node:assert/strict";
import { changelogSection, tagFault } from "../../build/changelog.ts";
import { textOf } from "../support/tree.ts";

const text =
  "# Changelog\n\nWords.\n\n## 90.2.0 2026-01-02\n\nNew.\n\n- a\n\n## 90.1.0\n\n- b\n\n## 90.0.1\n\n";

Deno.test("changelogSection gives the part of one version without its heading", () => {
  assert.equal(changelogSection(text, "90.2.0"), "New.\n\n- a\n");
  assert.equal(changelogSection(text, "90.1.0"), "- b\n");
});

Deno.test("changelogSection gives nothing when the version is missing or says nothing", () => {
  assert.equal(changelogSection(text, "90.2"), undefined);
  assert.equal(changelogSection(text, "90.0.1"), undefined);
});

Deno.test("changelogSection finds the version of deno.json in CHANGELOG.md", () => {
  const section = changelogSection(textOf("CHANGELOG.md"), JSON.parse(textOf("deno.json")).version);
  assert.match(section!, /^- \S/m);
});

Deno.test("tagFault wants the version with a v in front", () => {
  assert.equal(tagFault("v90.2.0", "90.2.0"), undefined);
  assert.match(tagFault("90.2.0", "90.2.0")!, /The tag is '90.2.0', but/);
  assert.match(tagFault("v90.2.0-rc.1", "90.2.0")!, /deno\.json says version '90\.2\.0'/);
});
