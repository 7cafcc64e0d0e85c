import assert from "node:assert/strict";
import { FieldLookup } from "../../../src/core/envelope/field_lookup.ts";
import { KeyTable } from "../../../src/core/keys.ts";
import { TagSet } from "../../../src/core/tags.ts";
import { makeBatch } from "../../support/run_processors.ts";

const TAGS = new TagSet([
  { key: "__tag__:__path__", value: "/a.log" },
  { key: "_pod_name_", value: "pod-1" },
  { key: "app", value: "label" },
]);

function setUp() {
  const keys = new KeyTable();
  const batch = makeBatch(
    keys,
    [[["status", "1"], ["status", "2"], ["__tag__:team", "blue"]], [["x", "y"]]],
    "escaped",
    TAGS,
  );
  batch.appendTags(0);
  const lookup = new FieldLookup(keys, { "k8s.pod.name": "pod", team: "" });
  return {
    batch,
    find: (kind: "content" | "tag", name: string, record = 0) => lookup.lookup(batch, record, kind, name),
  };
}

Deno.test("FieldLookup finds contents by key, the last of doubled ones, in the source's tags too", () => {
  const { find } = setUp();
  assert.equal(find("content", "status"), "2");
  assert.equal(find("content", "app"), "label");
  assert.equal(find("content", "_pod_name_"), "pod-1");
  assert.equal(find("content", "missing"), undefined);
  assert.equal(find("content", "app", 1), undefined, "the second record has no tags");
});

Deno.test("FieldLookup finds tags by table name, new name and own name", () => {
  const { batch, find } = setUp();
  for (const again of [false, true]) {
    assert.equal(find("tag", "log.file.path"), "/a.log");
    assert.equal(find("tag", "__path__"), "/a.log");
    assert.equal(find("tag", "k8s.pod.name"), "pod-1");
    assert.equal(find("tag", "pod"), "pod-1");
    assert.equal(find("tag", "_pod_name_"), "pod-1");
    assert.equal(find("tag", "team"), "blue");
    assert.equal(find("tag", "status"), undefined, "a content is no tag");
    assert.equal(find("tag", "k8s.pod.name", 1), undefined);
    // The same when a processor has split the tags up.
    if (!again) batch.firstField(0);
  }
});
