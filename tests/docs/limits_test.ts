/** docs/limits.md names every limit of the sources, with the value it has there. */
import assert from "node:assert/strict";
import { asOptionSchema, type OptionSchema } from "../../src/config/option_schema.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { projectRoot } from "../support/paths.ts";
import { document, tableRows } from "./markdown.ts";

/** `_MAX` constants that are facts of a format, not limits that somebody could reach. */
const NO_LIMITS = [
  "src/base/re2/char_set.ts CODE_POINT_MAX",
  "src/flushers/kafka/record_builder.ts RECORD_FRAME_BYTES_MAX",
  "src/flushers/kafka/sender.ts EPOCH_MAX",
];

const DECLARATION = /^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: number)? = ([^;]+);/gm;

/** `16 * 1024 * 1024` -> 16777216; `undefined` for anything but arithmetic. */
function evaluate(source: string): number | undefined {
  if (!/^(?:[\d_+*/()<\s-]|Math\.floor)+$/.test(source)) return undefined;
  return new Function(`return ${source}`)();
}

/** Constants of a source file. */
function constants(path: string): Map<string, number> {
  const found = new Map<string, number>();
  const text = Deno.readTextFileSync(`${projectRoot}/${path}`);
  for (const [, name, source] of text.matchAll(DECLARATION)) {
    const value = evaluate(source);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 1,
  s: 1000,
  min: 60_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** `16 MiB` -> 16777216, `10 s` -> 10000, `1,000` -> 1000. */
function readValue(text: string): number | undefined {
  const match = /^([\d,]+)(?: (\w+))?$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Number(match[1].replaceAll(",", "")) * unit;
}

const rows = tableRows(document("docs/limits.md"));
const named = rows.flatMap((row) => {
  const match = /^\[`(\w+)`\]\(\.\.\/(src\/\S+)\)$/.exec(row[2] ?? "");
  return match === null ? [] : [{ name: match[1], path: match[2], value: row[1] }];
});

Deno.test("docs/limits.md gives the values that the constants have", () => {
  assert.ok(named.length > 60);
  for (const { name, path, value } of named) {
    assert.equal(readValue(value), constants(path).get(name), `${name} of ${path}`);
  }
});

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(`${projectRoot}/${folder}`)) {
    if (entry.isDirectory) yield* sources(`${folder}/${entry.name}`);
    else if (entry.name.endsWith(".ts")) yield `${folder}/${entry.name}`;
  }
}

Deno.test("docs/limits.md names every constant called _MAX", () => {
  const known = new Set([...named.map(({ name, path }) => `${path} ${name}`), ...NO_LIMITS]);
  const missing = [...sources("src")].flatMap((path) =>
    [...constants(path).keys()].filter((name) => /_MAX(_|$)/.test(name)).map((name) => `${path} ${name}`)
  ).filter((limit) => !known.has(limit));
  assert.deepEqual(missing, [], "add a row to docs/limits.md, or a line to NO_LIMITS of this test");
});

/** `file_log.Multiline.Mode` -> its schema. */
function optionAt(path: string): OptionSchema | undefined {
  const [type, ...names] = path.split(".");
  const plugin = PLUGINS.find((one) => one.type === type);
  let schema = plugin === undefined ? undefined : asOptionSchema(plugin.schema);
  for (const name of names) schema = schema?.properties?.[name];
  return schema;
}

Deno.test("docs/limits.md gives the defaults and ranges that the options have", () => {
  let count = 0;
  for (const [name, fallback, from, to] of rows) {
    const path = /^`(\w+(?:\.\w+)+)`$/.exec(name)?.[1];
    if (path === undefined) continue;
    const schema = optionAt(path);
    assert.deepEqual(
      [String(schema?.default), String(schema?.minimum), String(schema?.maximum)],
      [fallback, from, to],
      path,
    );
    count++;
  }
  assert.ok(count >= 8);
});
