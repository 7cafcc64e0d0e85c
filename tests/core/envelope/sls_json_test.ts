import assert from "node:assert/strict";
import { makeEnvelope } from "../../../src/core/envelope/make_envelope.ts";
import { KEYS_DYNAMIC_MAX, KeyTable } from "../../../src/core/keys.ts";
import type { Batch } from "../../../src/core/batch.ts";
import { TagSet } from "../../../src/core/tags.ts";
import { encodeRecord } from "../../support/encode_record.ts";
import { makeBatch, PLACES } from "../../support/run_processors.ts";

const CONTENT =
  '::1 - - [13/Jul/2022:15:45:54 +0000] "GET /hello/ilogtail HTTP/1.1" 404 153 "-" "curl/7.74.0" "-"';
const STDOUT_TAGS = new TagSet([
  { key: "_image_name_", value: "docker.io/library/nginx:latest" },
  { key: "_pod_name_", value: "nginx-76d49876c7-r892w" },
  { key: "_pod_uid_", value: "07f75a79" },
]);

function sample(keys: KeyTable): Batch {
  const fields: [string, string][] = [["content", CONTENT], ["_source_", "stdout"]];
  const batch = makeBatch(keys, [fields], "arena", STDOUT_TAGS);
  batch.clockMs = 1657727155976;
  batch.appendTags(0);
  return batch;
}

Deno.test("sls_json writes the seed's form byte for byte", () => {
  const keys = new KeyTable();
  const expected = JSON.stringify({
    Time: 1657727155,
    Contents: [
      { Key: "content", Value: CONTENT },
      { Key: "_source_", Value: "stdout" },
      { Key: "_image_name_", Value: "docker.io/library/nginx:latest" },
      { Key: "_pod_name_", Value: "nginx-76d49876c7-r892w" },
      { Key: "_pod_uid_", Value: "07f75a79" },
    ],
  });
  const envelope = makeEnvelope({ protocol: "sls_json", keys });
  assert.equal(encodeRecord(envelope, sample(keys), 0), expected);
  assert.equal(encodeRecord(envelope, sample(keys), 0), expected);
});

Deno.test("sls_json writes the tags in their place, alone, first, and split up", () => {
  const keys = new KeyTable();
  const envelope = makeEnvelope({ protocol: "sls_json", keys });
  const batch = makeBatch(keys, [[], []], "arena", STDOUT_TAGS);
  batch.appendTags(0);
  const alone = JSON.parse(encodeRecord(envelope, batch, 0));
  assert.deepEqual(alone.Contents.map(({ Key }: { Key: string }) => Key), [
    "_image_name_",
    "_pod_name_",
    "_pod_uid_",
  ]);
  batch.appendTags(1);
  batch.appendText(1, keys.dynamic("content"), "x");
  const whole = encodeRecord(envelope, batch, 1);
  batch.find(1, keys.dynamic("_pod_uid_"));
  assert.equal(encodeRecord(envelope, batch, 1), whole);
  assert.deepEqual(JSON.parse(whole).Contents.at(-1), { Key: "content", Value: "x" });
});

Deno.test("sls_json writes the same text from any place, valid UTF-8 always", () => {
  const value = 'quote " backslash \\ newline \n nul \0 中 😀 </script>\u2028';
  for (const place of PLACES) {
    const keys = new KeyTable();
    const envelope = makeEnvelope({ protocol: "sls_json", keys });
    const batch = makeBatch(keys, [[['k\n"中', value], ["empty", ""]]], place);
    const text = encodeRecord(envelope, batch, 0);
    assert.deepEqual(JSON.parse(text).Contents, [{ Key: 'k\n"中', Value: value }, {
      Key: "empty",
      Value: "",
    }], place);
  }
  const keys = new KeyTable();
  const envelope = makeEnvelope({ protocol: "sls_json", keys });
  const batch = makeBatch(keys, [[["k", { base64: "Yf9i4pwK" }]]]);
  const text = encodeRecord(envelope, batch, 0);
  assert.equal(JSON.parse(text).Contents[0].Value, "a\ufffdb\ufffd\n");
});

Deno.test("sls_json takes a record's own time when it has one", () => {
  const keys = new KeyTable();
  const batch = makeBatch(keys, [[["a", "1"]], [["a", "2"]]]);
  batch.clockMs = 1657727155999;
  batch.timesMs[1] = 1500000000001;
  const envelope = makeEnvelope({ protocol: "sls_json", keys });
  const times = [0, 1, 0].map((record) => JSON.parse(encodeRecord(envelope, batch, record)).Time);
  assert.deepEqual(times, [1657727155, 1500000000, 1657727155]);
});

Deno.test("sls_json forgets key names when the key table does", () => {
  const keys = new KeyTable();
  const envelope = makeEnvelope({ protocol: "sls_json", keys });
  const first = makeBatch(keys, [[["old", "1"]]]);
  assert.match(encodeRecord(envelope, first, 0), /"old"/);
  for (let i = 0; i <= KEYS_DYNAMIC_MAX; i++) keys.dynamic(`k${i}`);
  const second = makeBatch(keys, [[["new", "1"]]]);
  assert.equal(keys.dynamic("new"), keys.permanentCount, "the id is taken again");
  assert.match(encodeRecord(envelope, second, 0), /"new"/);
});

Deno.test("sls_json renames and removes tags, not contents", () => {
  const keys = new KeyTable();
  const envelope = makeEnvelope({
    protocol: "sls_json",
    keys,
    tagFieldsRename: {
      "k8s.pod.name": "pod",
      "k8s.pod.uid": "",
      "log.file.path": "path",
      content: "no",
      "": "no",
    },
  });
  const given: [string, string][] = [["content", "c"], ["__tag__:__path__", "/a"], ["k8s.pod.name", "kept"]];
  const batch = makeBatch(keys, [given], "arena", STDOUT_TAGS);
  batch.appendTags(0);
  const { Contents } = JSON.parse(encodeRecord(envelope, batch, 0));
  assert.deepEqual(
    Contents.map(({ Key }: { Key: string }) => Key),
    ["content", "__tag__:path", "k8s.pod.name", "_image_name_", "pod"],
  );
});

Deno.test("sls_json renames and removes its own two names", () => {
  const keys = new KeyTable();
  const write = (
    protocolFieldsRename: Record<string, string>,
    tagFieldsRename: Record<string, string> = {},
  ) => {
    const envelope = makeEnvelope({ protocol: "sls_json", keys, protocolFieldsRename, tagFieldsRename });
    return encodeRecord(envelope, makeBatch(keys, [[["_pod_name_", "p"]]]), 0);
  };
  assert.equal(
    write({ time: "t", contents: "c" }),
    '{"t":1700000000,"c":[{"Key":"_pod_name_","Value":"p"}]}',
  );
  assert.equal(write({ time: "" }), '{"Contents":[{"Key":"_pod_name_","Value":"p"}]}');
  assert.equal(write({ contents: "" }), '{"Time":1700000000}');
  assert.equal(write({ time: "", contents: "" }), "{}");
  assert.equal(write({}, { "k8s.pod.name": "" }), '{"Time":1700000000,"Contents":[]}');
});
