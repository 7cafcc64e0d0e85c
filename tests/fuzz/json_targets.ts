/** JSON in lines of log: what every program may write. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { KeyTable } from "../../src/core/keys.ts";
import { shrinkJson } from "../../src/flushers/kafka/shrink_json.ts";
import type { JsonExpandOptions } from "../../src/processors/json_expand_options.ts";
import { JsonExpander } from "../../src/processors/json_expander.ts";
import { JsonFlattener } from "../../src/processors/json_flattener.ts";
import { makeBatch } from "../support/run_processors.ts";
import { damagedText } from "./damaged.ts";
import { type FuzzTarget, target } from "./target.ts";

const document = fc.oneof(
  fc.dictionary(
    fc.oneof(fc.constantFrom("a", "b", "c", "__proto__", "", 'q"'), fc.string({ unit: "binary" })),
    fc.jsonValue({ maxDepth: 4 }),
  ).map((value) => JSON.stringify(value)),
  fc.tuple(fc.integer({ min: 1, max: 200 }), fc.constantFrom('{"a":', '{"a":1,"b":', "[", '{"a":[')).map((
    [depth, open],
  ) => open.repeat(depth) + "1" + (open.endsWith("[") ? "]" : "}").repeat(depth)),
);

const text = damagedText(document, [
  ...['"', "\\", "{", "}", "[", "]", ",", ":", " ", "\t", "x", "-1", "1e999", "true", "nul"],
  ...["\\u", "\\ud83d", "\\u0000", "\ud83d", "\ufeff", '{"a":', "[[["],
]);

const expandOptions: fc.Arbitrary<JsonExpandOptions> = fc.record({
  expandDepth: fc.nat(4),
  connector: fc.constantFrom("", "_", "::"),
  ignoreFirstConnector: fc.boolean(),
  prefix: fc.constantFrom("", "p"),
  rootPath: fc.constantFrom("", "content"),
  expandArray: fc.boolean(),
});

/** The fast form gives what the plain form gives, or refuses without a trace; values never hold more than the line. */
function checkExpand(options: JsonExpandOptions, line: string): void {
  const keys = new KeyTable();
  const batch = makeBatch(keys, [[["content", line]]]);
  const cell = batch.firstField(0);
  // As the batch tells it: half surrogate pairs are U+FFFD by then.
  const seen = batch.text(cell);
  const expander = new JsonExpander(options);
  const ok = expander.expand(seen);
  const valueChars = expander.values.reduce((sum, value) => sum + value.length, 0);
  assert.ok(valueChars <= seen.length, "values hold more than the line");
  if (options.expandArray) return;
  const flattened = new JsonFlattener(keys, options).flatten(batch, 0, cell);
  const found: [string, string][] = [];
  for (let at = batch.nextField(cell); at >= 0; at = batch.nextField(at)) {
    found.push([keys.text(batch.key(at)), batch.text(at)]);
  }
  if (!flattened) return assert.equal(found.length, 0, "refused, but the record was touched");
  assert.ok(ok, "the plain form finds an error");
  assert.deepEqual(found, expander.keys.map((key, i) => [key, expander.values[i]]));
}

export const jsonTargets: readonly FuzzTarget[] = [
  target(
    "json expand",
    "both forms of processor_json; they agree, and give no more text than the line has",
    fc.tuple(expandOptions, text),
    ([options, line]) => checkExpand(options, line),
  ),
  target(
    "json shrink",
    "a record that the broker finds too large; the answer is JSON and shorter, or there is none",
    fc.tuple(text, fc.integer({ min: 0, max: 600 }), fc.boolean()),
    ([line, bytesMax, long]) => {
      const value = new TextEncoder().encode(
        long ? `{"a":${JSON.stringify("é\n".repeat(400))},"b":${line}}` : line,
      );
      const shrunk = shrinkJson(value, bytesMax);
      if (shrunk === null) return;
      assert.ok(shrunk.length < value.length);
      JSON.parse(new TextDecoder().decode(shrunk));
    },
  ),
];
