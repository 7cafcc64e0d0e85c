import assert from "node:assert/strict";
import fc from "fast-check";
import { makeEnvelope } from "../../../src/core/envelope/make_envelope.ts";
import { KEYS_DYNAMIC_MAX, KeyTable } from "../../../src/core/keys.ts";
import { NO_TAGS, TagSet } from "../../../src/core/tags.ts";
import { encodeRecord } from "../../support/encode_record.ts";
import { type Fields, makeBatch, PLACES } from "../../support/run_processors.ts";

type Options = Partial<Parameters<typeof makeEnvelope>[0]>;

function write(fields: Fields, tags = NO_TAGS, options: Options = {}): string {
  const keys = new KeyTable();
  const batch = makeBatch(keys, [fields], "arena", tags);
  batch.appendTags(0);
  return encodeRecord(makeEnvelope({ protocol: "custom_single", keys, ...options }), batch, 0);
}

const FILE_TAGS = new TagSet([
  { key: "__tag__:__path__", value: "/root/log/json.log" },
  { key: "__tag__:__user_defined_id__", value: "default" },
  { key: "__tag__:_container_ip_", value: "10.0.0.9" },
  { key: "__tag__:_image_name_", value: "alpine" },
  { key: "__tag__:_pod_name_", value: "p" },
  { key: "__tag__:team", value: "blue" },
]);

Deno.test("custom_single sorts contents and tags and names tags by the table", () => {
  assert.equal(
    write([["time", "t"], ["message", 'm"<>&'], ["__log_topic__", "top"]], FILE_TAGS),
    '{"contents":{"message":"m\\"<>&","time":"t"},"tags":{"container.image.name":"alpine","container.ip":"10.0.0.9",' +
      '"k8s.pod.name":"p","log.file.path":"/root/log/json.log","log.topic":"top","team":"blue"},"time":1700000000}',
  );
});

Deno.test("custom_single keeps stdout's own fields in contents and takes container fields as tags", () => {
  assert.equal(
    write([["content", "c"], ["_time_", "t"], ["_source_", "stdout"], ["_namespace_", "default"], [
      "app",
      "x",
    ]]),
    '{"contents":{"_source_":"stdout","_time_":"t","app":"x","content":"c"},"tags":{"k8s.namespace.name":"default"},' +
      '"time":1700000000}',
  );
});

Deno.test("custom_single gives the last of doubled keys", () => {
  assert.equal(
    write([["a", "1"], ["b", "2"], ["a", "3"]]),
    '{"contents":{"a":"3","b":"2"},"tags":{},"time":1700000000}',
  );
});

Deno.test("custom_single sorts by bytes, not by UTF-16 units", () => {
  const text = write([["\uff5e", "1"], ["😀", "2"], ["b", "3"], ["a10", "4"], ["a2", "5"], ["", "6"]]);
  const keys = [...text.matchAll(/"([^"]*)":"\d"/g)].map((match) => match[1]);
  assert.deepEqual(keys, ["", "a10", "a2", "b", "\uff5e", "😀"]);
});

Deno.test("custom_single renames and removes tags and parts", () => {
  const options = {
    tagFieldsRename: { "k8s.pod.name": "pod", "log.file.path": "", team: "a.team" },
    protocolFieldsRename: { contents: "z", time: "@timestamp" },
  };
  assert.equal(
    write([["m", "1"]], FILE_TAGS, options),
    '{"@timestamp":1700000000,"tags":{"a.team":"blue","container.image.name":"alpine","container.ip":"10.0.0.9",' +
      '"pod":"p"},"z":{"m":"1"}}',
  );
  assert.equal(
    write([["m", "1"]], NO_TAGS, { protocolFieldsRename: { tags: "", time: "" } }),
    '{"contents":{"m":"1"}}',
  );
});

Deno.test("custom_single_flatten puts all into one object, a later one replacing an equal name", () => {
  assert.equal(
    write([["m", "1"], ["log.topic", "content"], ["__log_topic__", "tag"], ["time", "lost"]], FILE_TAGS, {
      protocol: "custom_single_flatten",
      protocolFieldsRename: { contents: "no effect" },
    }),
    '{"container.image.name":"alpine","container.ip":"10.0.0.9","k8s.pod.name":"p","log.file.path":"/root/log/json.log",' +
      '"log.topic":"tag","m":"1","team":"blue","time":1700000000}',
  );
});

Deno.test("custom_single follows changing shapes, sources, times and key tables", () => {
  const name = fc.constantFrom("a", "b", "c", "_pod_name_", "__tag__:x");
  const record = fc.array(fc.tuple(name, fc.string()), { minLength: 1, maxLength: 4 });
  const sources = [NO_TAGS, FILE_TAGS, new TagSet([{ key: "b", value: "from source" }])];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(record, fc.nat(2), fc.nat(30))),
      fc.constantFrom(...PLACES),
      (given, place) => {
        const keys = new KeyTable();
        const envelope = makeEnvelope({ protocol: "custom_single", keys });
        for (const [fields, source, what] of given) {
          if (what === 30) {
            for (let i = 0; i <= KEYS_DYNAMIC_MAX; i++) keys.dynamic(`k${i}`);
          }
          const batch = makeBatch(keys, [fields], place, sources[source]);
          batch.appendTags(0);
          batch.timesMs[0] = (1 + what) * 1000;
          const found = JSON.parse(encodeRecord(envelope, batch, 0));
          const all = [...fields, ...sources[source].list.map(({ key, value }) => [key, value])];
          const contents = Object.fromEntries(all.filter(([key]) => "abc".includes(key)));
          assert.deepEqual(found.contents, JSON.parse(JSON.stringify(contents)));
          assert.equal(found.time, 1 + what);
          assert.equal(found.tags.x, all.findLast(([key]) => key === "__tag__:x")?.[1]);
        }
      },
    ),
    { numRuns: 60 },
  );
});
