import type { Batch } from "../core/batch.ts";
import { definePlugin, type PluginContext, type Processor } from "../core/plugin.ts";
import { flag, integer, options, type Static, text } from "../core/schema.ts";
import type { JsonExpandOptions } from "./json_expand_options.ts";
import { JsonExpander } from "./json_expander.ts";
import { JsonFlattener } from "./json_flattener.ts";
import { ParseFailures } from "./parse_failures.ts";

const schema = options({
  SourceKey: text("Field that holds the JSON object.", { minLength: 1, examples: ["content"] }),
  ExpandDepth: integer(
    "Level down to which objects are expanded; values nested there stay JSON text. 0: all levels (objects more " +
      "than 64 levels deep stay text).",
    { default: 0, minimum: 0 },
  ),
  ExpandConnector: text("Put before every key, also that of the first level (see `IgnoreFirstConnector`).", {
    default: "_",
    examples: ["", "."],
  }),
  IgnoreFirstConnector: flag("Leaves the connector before the first level's key out.", { default: false }),
  Prefix: text("Put before every whole key.", { default: "" }),
  UseSourceKeyAsPrefix: flag("Begins every key with the source key.", { default: false }),
  KeepSource: flag("Keeps the source field.", { default: true }),
  KeepSourceIfParseError: flag(
    "Keeps the source field when it could not be parsed, whatever `KeepSource` says.",
    { default: true },
  ),
  NoKeyError: flag("Warns about records without the source field.", { default: true }),
  ExpandArray: flag("Expands arrays too, as `key[0]`, `key[1]`, …; arrays inside arrays stay text.", {
    default: false,
  }),
});

type Options = Static<typeof schema>;

class JsonProcessor implements Processor {
  readonly #key: number;
  readonly #keepSource: boolean;
  readonly #keepUnparsed: boolean;
  readonly #flattener: JsonFlattener | null;
  readonly #expander: JsonExpander;
  readonly #failures: ParseFailures;

  constructor(given: Options, context: PluginContext) {
    this.#key = context.keys.permanent(given.SourceKey);
    this.#keepSource = given.KeepSource;
    this.#keepUnparsed = given.KeepSource || given.KeepSourceIfParseError;
    const expand: JsonExpandOptions = {
      expandDepth: given.ExpandDepth,
      connector: given.ExpandConnector,
      ignoreFirstConnector: given.IgnoreFirstConnector,
      prefix: given.Prefix,
      rootPath: given.UseSourceKeyAsPrefix ? given.SourceKey : "",
      expandArray: given.ExpandArray,
    };
    this.#flattener = given.ExpandArray ? null : new JsonFlattener(context.keys, expand);
    this.#expander = new JsonExpander(expand);
    this.#failures = new ParseFailures(context, given.SourceKey, "Values are not JSON objects", {
      unparsed: true,
      withoutKey: given.NoKeyError,
    });
  }

  process(batch: Batch): void {
    let unparsed = 0, withoutKey = 0;
    for (let record = batch.from; record < batch.to; record++) {
      if (!batch.alive(record)) continue;
      const cell = batch.find(record, this.#key);
      if (cell < 0) {
        withoutKey++;
        continue;
      }
      batch.toBytes(cell);
      const parsed = this.#flattener?.flatten(batch, record, cell) || this.#expand(batch, record, cell);
      if (!parsed) unparsed++;
      if (!(parsed ? this.#keepSource : this.#keepUnparsed)) batch.remove(record, cell);
    }
    this.#failures.add(unparsed, withoutKey);
  }

  /** The plain way; fields read before a syntax error stay. */
  #expand(batch: Batch, record: number, cell: number): boolean {
    const expander = this.#expander;
    const ok = expander.expand(batch.text(cell));
    for (let i = 0; i < expander.keys.length; i++) {
      batch.appendText(record, batch.keys.dynamic(expander.keys[i]), expander.values[i]);
    }
    return ok;
  }
}

/** iLogtail `processor_json` (reference 5.4). */
export const processorJson = definePlugin({
  kind: "processor",
  type: "processor_json",
  summary: "Expands a JSON object into fields.",
  description:
    "Values keep their text: numbers as written, `true`, `null`, nested values as JSON. Doubled keys give doubled " +
    "fields, in the order of the text. Text behind the object is not looked at. When the text breaks off or is " +
    "wrong in the middle, the fields before that place are there and the value counts as unparsed; the same where a " +
    "name gets longer than 8,192 characters, or all of them longer than 1 MiB and twice the value.",
  schema,
  examples: [
    {
      title: "All levels",
      config: "Type: processor_json\nSourceKey: content\nKeepSource: false\n",
      given: [[["content", '{"a":1,"b":{"c":"x"}}']]],
      gives: [[["_a", "1"], ["_b_c", "x"]]],
    },
    {
      title: "The first level, keys as they are",
      config:
        'Type: processor_json\nSourceKey: content\nKeepSource: false\nExpandDepth: 1\nExpandConnector: ""\n',
      given: [[["content", '{"a":1.0,"b":{"c":"x"}}']], [["content", "no JSON"]]],
      gives: [[["a", "1.0"], ["b", '{"c":"x"}']], [["content", "no JSON"]]],
    },
  ],
  create: (given, context) => Promise.resolve(new JsonProcessor(given, context)),
});
