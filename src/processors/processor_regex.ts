import { compileRe2, type Re2, Re2SyntaxError } from "../base/re2/compile.ts";
import { type Batch, IN_TEXTS, PLACE_MASK, UTF8_UNCHECKED } from "../core/batch.ts";
import { definePlugin, type PluginContext, type Processor, type Report } from "../core/plugin.ts";
import { flag, list, options, regex, type Static, text } from "../core/schema.ts";
import { ParseFailures } from "./parse_failures.ts";
import { unitsToBytes } from "./units_to_bytes.ts";

const schema = options({
  SourceKey: text("Field that is matched; empty: the record's first field.", {
    default: "",
    examples: ["content"],
  }),
  Regex: regex("Pattern in the RE2 dialect; the dot matches newlines too. The first match counts.", {
    examples: ["(\\w+)=(\\d+)"],
  }),
  Keys: list("Names of the fields that the pattern's groups become, in order.", text("Name of a field."), {
    minItems: 1,
  }),
  FullMatch: flag("The match must span the whole value: `(a|ab)` fails on `ab`.", { default: false }),
  NoKeyError: flag("Warns about records without the source field.", { default: false }),
  NoMatchError: flag("Warns about values that do not match.", { default: true }),
  KeepSource: flag("Keeps the source field.", { default: false }),
  KeepSourceIfParseError: flag(
    "Keeps the source field when it does not match, whatever `KeepSource` says.",
    { default: true },
  ),
});

type Options = Static<typeof schema>;

class RegexProcessor implements Processor {
  readonly #re2: Re2;
  /** Key id of the source, -1: the first field. */
  readonly #source: number;
  readonly #keys: Int32Array;
  readonly #offsets: Int32Array;
  readonly #keepSource: boolean;
  readonly #keepUnmatched: boolean;
  readonly #failures: ParseFailures;

  constructor(given: Options, re2: Re2, context: PluginContext) {
    this.#re2 = re2;
    this.#source = given.SourceKey === "" ? -1 : context.keys.permanent(given.SourceKey);
    this.#keys = Int32Array.from(given.Keys, (name) => context.keys.permanent(name));
    this.#offsets = new Int32Array(2 * (re2.groupCount + 1));
    this.#keepSource = given.KeepSource;
    this.#keepUnmatched = given.KeepSource || given.KeepSourceIfParseError;
    this.#failures = new ParseFailures(context, given.SourceKey, "Values do not match the pattern", {
      unparsed: given.NoMatchError,
      withoutKey: given.NoKeyError,
    });
  }

  process(batch: Batch): void {
    let unmatched = 0, withoutKey = 0;
    const enough = this.#re2.groupCount >= this.#keys.length;
    for (let record = batch.from; record < batch.to; record++) {
      if (!batch.alive(record)) continue;
      const cell = this.#source < 0 ? batch.firstField(record) : batch.find(record, this.#source);
      if (cell < 0) {
        withoutKey++;
        continue;
      }
      const matched = enough && this.#match(batch, record, cell);
      if (!matched) unmatched++;
      if (!(matched ? this.#keepSource : this.#keepUnmatched)) batch.remove(record, cell);
    }
    this.#failures.add(unmatched, withoutKey);
  }

  #match(batch: Batch, record: number, cell: number): boolean {
    if ((batch.flagsOf(cell) & PLACE_MASK) === IN_TEXTS) {
      return this.#matchText(batch, record, batch.text(cell));
    }
    batch.toBytes(cell);
    const flags = batch.flagsOf(cell);
    const ascii = batch.isAscii(cell);
    // Broken UTF-8 is text with U+FFFD: its offsets say nothing about the bytes.
    if (!ascii && batch.utf8Of(flags) === UTF8_UNCHECKED) {
      return this.#matchText(batch, record, batch.text(cell));
    }
    const offsets = this.#offsets;
    const begin = batch.beginOf(cell);
    if (
      !(ascii && this.#re2.scan(batch.bytesOf(cell), begin, batch.endOf(cell), offsets)) &&
      !this.#re2.offsets(batch.text(cell), offsets)
    ) return false;
    if (!ascii) unitsToBytes(batch.bytesOf(cell), begin, offsets);
    for (let i = 0; i < this.#keys.length; i++) {
      const at = offsets[2 * i + 2];
      if (at >= 0) batch.append(record, this.#keys[i], begin + at, begin + offsets[2 * i + 3], flags);
    }
    return true;
  }

  #matchText(batch: Batch, record: number, value: string): boolean {
    const match = this.#re2.exec(value);
    if (match === null) return false;
    for (let i = 0; i < this.#keys.length; i++) {
      const group = match[i + 1];
      if (group !== undefined) batch.appendText(record, this.#keys[i], group);
    }
    return true;
  }
}

async function create(given: Options, context: PluginContext, report: Report): Promise<Processor> {
  let re2: Re2;
  try {
    re2 = await compileRe2(given.Regex, { dotAll: true, anchoredFull: given.FullMatch });
  } catch (error) {
    if (!(error instanceof Re2SyntaxError)) throw error;
    report.error(["Regex"], "REGEX_INVALID", error.message, "a pattern in the RE2 dialect");
    return { process() {} };
  }
  if (re2.notice !== undefined) report.warn(["Regex"], "REGEX_SLOW", re2.notice);
  if (re2.groupCount < given.Keys.length) {
    report.warn(
      ["Keys"],
      "REGEX_FEWER_GROUPS",
      `the pattern has ${re2.groupCount} groups for ${given.Keys.length} keys, so no value will match`,
    );
  }
  return new RegexProcessor(given, re2, context);
}

/** iLogtail `processor_regex` (reference 5.3; its defaults are those of the code, not of its page). */
export const processorRegex = definePlugin({
  kind: "processor",
  type: "processor_regex",
  summary: "Extracts fields with the groups of a regular expression.",
  description:
    "A group that took no part in the match gives no field, an empty one an empty field. With fewer groups than " +
    "keys nothing ever matches; further groups are ignored. Values that do not match stay as they are.",
  schema,
  examples: [
    {
      title: "Key and value",
      config: "Type: processor_regex\nSourceKey: content\nRegex: '(\\w+)=(\\d+)'\nKeys: [k, v]\n",
      given: [[["content", "x; a=1 b=2"]], [["content", "nothing"]]],
      gives: [[["k", "a"], ["v", "1"]], [["content", "nothing"]]],
    },
  ],
  create,
});
