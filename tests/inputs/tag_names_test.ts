import assert from "node:assert/strict";
import { askedName, renameTags, tagNames } from "../../src/inputs/tag_names.ts";

Deno.test("tagNames lists the fields that change their name", () => {
  const names = tagNames({ FilePathTagKey: "file", K8sPodUidTagKey: "", ContainerIpTagKey: "__default__" });
  assert.deepEqual([...names], [["__path__", "file"], ["_pod_uid_", ""]]);
});

Deno.test("renameTags renames and removes behind its prefix only", () => {
  const names = new Map([["__path__", "file"], ["_pod_uid_", ""]]);
  const tags = [
    { key: "__tag__:__path__", value: "/a" },
    { key: "__tag__:_pod_uid_", value: "1" },
    { key: "_pod_uid_", value: "2" },
    { key: "__tag__:other", value: "3" },
  ];
  assert.deepEqual(renameTags(tags, names, "__tag__:").map(({ key }) => key), [
    "__tag__:file",
    "_pod_uid_",
    "__tag__:other",
  ]);
  assert.deepEqual(renameTags(tags, new Map(), ""), tags);
});

Deno.test("askedName is null for a field that nobody asked for or that was removed", () => {
  assert.equal(askedName(undefined, false, "std"), null);
  assert.equal(askedName(undefined, true, "std"), "std");
  assert.equal(askedName("", true, "std"), null);
  assert.equal(askedName("__default__", false, "std"), "std");
  assert.equal(askedName("mine", false, "std"), "mine");
});
