import assert from "node:assert/strict";
import fc from "fast-check";
import { KeyTable } from "../../src/core/keys.ts";
import type { Plugin } from "../../src/core/plugin.ts";
import { JsonExpander } from "../../src/processors/json_expander.ts";
import type { JsonExpandOptions } from "../../src/processors/json_expand_options.ts";
import { JsonFlattener } from "../../src/processors/json_flattener.ts";
import { processorJson } from "../../src/processors/processor_json.ts";
import { testContext } from "../support/plugin_context.ts";
import { type Fields, makeBatch, makeProcessor, PLACES, readBatch } from "../support/run_processors.ts";

const plugin = processorJson as unknown as Plugin<"processor">;

async function run(options: Record<string, unknown>, records: Fields[], context = testContext()) {
  const processor = await makeProcessor(plugin, { SourceKey: "content", ...options }, context);
  const batch = makeBatch(context.keys, records);
  processor.process(batch);
  return readBatch(batch);
}

/** Text that is mostly JSON: a document with some characters changed. */
const nearlyJson = fc.tuple(
  fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e", "中", "", 'q"'), fc.jsonValue({ maxDepth: 3 })),
  fc.boolean(),
  fc.array(
    fc.tuple(
      fc.nat(200),
      fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", " ", "\t", "x", "1", "\\u", ""),
    ),
    { maxLength: 2 },
  ),
).map(([value, spaced, edits]) => {
  let text = JSON.stringify(value, null, spaced ? 1 : undefined);
  for (const [at, piece] of edits) {
    const cut = at % (text.length + 1);
    text = text.slice(0, cut) + piece + text.slice(cut + 1);
  }
  return text;
});

const expandOptions: fc.Arbitrary<JsonExpandOptions> = fc.record({
  expandDepth: fc.nat(3),
  connector: fc.constantFrom("", "_", "::"),
  ignoreFirstConnector: fc.boolean(),
  prefix: fc.constantFrom("", "p"),
  rootPath: fc.constantFrom("", "content"),
  expandArray: fc.constant(false),
});

Deno.test("JsonFlattener gives what JsonExpander gives, or refuses", () => {
  let taken = 0;
  fc.assert(
    fc.property(expandOptions, fc.array(nearlyJson, { minLength: 1, maxLength: 4 }), (options, texts) => {
      const keys = new KeyTable();
      const flattener = new JsonFlattener(keys, options), expander = new JsonExpander(options);
      const batch = makeBatch(keys, texts.map((text) => [["content", text]]));
      texts.forEach((text, record) => {
        const cell = batch.firstField(record);
        const ok = expander.expand(text);
        if (flattener.flatten(batch, record, cell)) {
          taken++;
          assert.ok(ok, "the expander finds an error");
        } else {
          assert.equal(batch.nextField(cell), -1, "refused, but the record was touched");
          expander.keys.forEach((key, i) => batch.appendText(record, keys.dynamic(key), expander.values[i]));
        }
        batch.remove(record, cell);
        const found: [string, string][] = [];
        for (let at = batch.firstField(record); at >= 0; at = batch.nextField(at)) {
          found.push([keys.text(batch.key(at)), batch.text(at)]);
        }
        assert.deepEqual(found, expander.keys.map((key, i) => [key, expander.values[i]]));
      });
    }),
    { numRuns: 1500 },
  );
  assert.ok(taken > 400, `only ${taken} were taken`);
});

Deno.test("JsonExpander reads what JSON.parse reads", () => {
  const options = {
    expandDepth: 1,
    connector: "",
    ignoreFirstConnector: false,
    prefix: "",
    rootPath: "",
    expandArray: false,
  };
  const expander = new JsonExpander(options);
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
      fc.boolean(),
      (value, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 2 : undefined);
        assert.ok(expander.expand(text));
        const parsed = Object.fromEntries(expander.keys.map((key, i) => [key, expander.values[i]]));
        for (const [key, own] of Object.entries(JSON.parse(text))) {
          if (typeof own === "string") assert.equal(parsed[key], own);
          else assert.deepEqual(JSON.parse(parsed[key]), own);
        }
        assert.equal(expander.keys.length, Object.keys(value).length);
      },
    ),
  );
});

Deno.test("processor_json is lenient as the original when text is not quite JSON", async () => {
  const read = async (content: string) =>
    (await run({ ExpandConnector: "", KeepSource: false }, [[["content", content]]]))[0];
  for (const number of ["01", "--1", "0x10", "1e", "-"]) {
    assert.deepEqual(await read(`{"a":${number}}`), [["a", number]]);
  }
  for (const word of ["TRUE", "NaN", ".5", "+1", "truex"]) {
    assert.deepEqual(await read(`{"a":${word}}`), [["content", `{"a":${word}}`]], word);
  }
  assert.deepEqual(await read('\ufeff{"a":1}'), [["content", '\ufeff{"a":1}']]);
  assert.deepEqual(await read('{"a":"x\ty\\n\x01","b":"\t"}'), [["a", "x\ty\n\x01"], ["b", "\t"]]);
  assert.deepEqual(await read('{"a":"x\\n\\q","b":"\\ud83d x"}'), [["a", "x\\n\\q"], ["b", "\\ud83d x"]]);
  assert.deepEqual(await read('{"a":{"b":[1}},"c":2}'), [["content", '{"a":{"b":[1}},"c":2}']]);
});

Deno.test("processor_json survives nesting without end, and lines made to be slow", async () => {
  const deep = 50_000;
  const closed = `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`;
  const [record] = await run({ KeepSource: false, ExpandConnector: "" }, [[["content", closed]]]);
  assert.equal(record.length, 1);
  assert.equal(record[0][0], "a".repeat(64));
  for (const open of ['{"a":'.repeat(deep), `{"a":${"[".repeat(deep)}`, `{"a":"${"\\".repeat(deep)}`]) {
    assert.deepEqual(await run({ KeepSource: false }, [[["content", open]]]), [[["content", open]]]);
  }
});

Deno.test("processor_json does not blow a line up when long names stand over many members", async () => {
  const members = (count: number, value: string) =>
    Array.from({ length: count }, (_, i) => `"a${i}":${value}`).join(",");
  const charsOf = (fields: [string, string][]) => fields.reduce((sum, [key]) => sum + key.length, 0);
  for (const ExpandArray of [false, true]) {
    for (
      const [line, least, most] of [
        [`{"first":1,"${"k".repeat(9000)}":{${members(2000, "1")}}}`, 2, 2],
        [`{"first":1,"${"k".repeat(8000)}":{${members(2000, "1")}}}`, 100, 150],
        [`{"first":1,"${"k".repeat(8000)}":{${members(2000, "{}")}}}`, 2, 2],
        [`{"first":1,"${"k".repeat(8000)}":[${"{},".repeat(2000)}1]}`, ExpandArray ? 2 : 3, 3],
        [`{"first":1,"${"k".repeat(8000)}":{${members(50, "1")}}}`, 52, 52],
      ] as const
    ) {
      const [record] = await run({ KeepSource: true, ExpandArray }, [[["content", line]]]);
      assert.ok(record.length >= least && record.length <= most, `${line.slice(-20)}: ${record.length}`);
      assert.equal(record[0][1], line, "the source is kept");
      assert.ok(charsOf(record) < (1 << 20) + 3 * line.length);
    }
  }
});

Deno.test("processor_json takes any number of different keys, and keeps names right when ids are taken anew", async () => {
  const context = testContext();
  const processor = await makeProcessor(plugin, {
    SourceKey: "content",
    KeepSource: false,
    ExpandConnector: "",
  }, context);
  for (let round = 0; round < 12; round++) {
    const record = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`k${round}_${i}`, { v: `${i}` }]),
    );
    const batch = makeBatch(context.keys, [[["content", JSON.stringify(record)]]]);
    processor.process(batch);
    const [fields] = readBatch(batch);
    assert.equal(fields.length, 1000);
    assert.deepEqual(fields[7], [`k${round}_7v`, "7"]);
  }
  assert.ok(context.keys.generation > 0, "no name was ever forgotten");
  assert.ok(context.keys.size < 20_000);
});

Deno.test("processor_json counts failures and warns once per batch", async () => {
  const context = testContext();
  await run(
    {},
    [[["content", "a"]], [["content", "b"]], [["other", "{}"]], [["content", '{"k":1}']]],
    context,
  );
  assert.equal(context.count("denotail_processor_unparsed_total"), 2);
  assert.equal(context.count("denotail_processor_missing_key_total"), 1);
  assert.deepEqual(context.said.map(({ fields }) => fields.records), [2, 1]);
});

Deno.test("processor_json keeps every record when a field is left", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(nearlyJson, { maxLength: 5 }),
      fc.constantFrom(...PLACES),
      async (texts, place) => {
        const context = testContext();
        const processor = await makeProcessor(plugin, { SourceKey: "content", KeepSource: false }, context);
        const batch = makeBatch(
          context.keys,
          texts.map((text, i) => [["n", `${i}`], ["content", text]]),
          place,
        );
        batch.drop(0, "elsewhere");
        processor.process(batch);
        const left = readBatch(batch).map((record) => record[0][1]);
        assert.deepEqual(left, texts.map((_, i) => `${i}`).slice(1));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("processor_json does what its page shows", async () => {
  const [all, first] = processorJson.examples;
  assert.deepEqual(await run({ KeepSource: false }, [...all.given!]), all.gives);
  const options = { KeepSource: false, ExpandDepth: 1, ExpandConnector: "" };
  assert.deepEqual(await run(options, [...first.given!]), first.gives);
});
