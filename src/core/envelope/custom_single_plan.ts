import { makeBytes, makeInts } from "../../base/buffers.ts";
import { TAGS } from "../batch.ts";
import type { KeyTable } from "../keys.ts";
import type { TagSet } from "../tags.ts";
import { type FieldName, fieldName } from "./tag_names.ts";

const encoder = new TextEncoder();

/** Op that stands for the record's time; the others are places in the record's list of cells. */
export const TIME_OP = -1;

/** `constant 0, op 0, constant 1, op 1, … constant n` is the record; constant i is `bytes[ends[i], ends[i + 1])`. */
export interface RecordPlan {
  /** Keys this plan is for, with `TAGS` where the source's tags stand. */
  readonly keys: Int32Array;
  /** Tags this plan is for, if `TAGS` is among the keys. */
  readonly tags: TagSet;
  readonly ops: Int32Array;
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
}

/** Names that a `Convert` section may change; an empty one removes the part. */
export interface RecordNames {
  /** One object with contents, tags and time, instead of three parts. */
  readonly flat: boolean;
  readonly contents: string;
  readonly tags: string;
  readonly time: string;
  readonly tagFieldsRename: ReadonlyMap<string, string>;
}

/** A value of the output: a cell of the record, the time, or text that is the same for the whole source. */
type Value = number | string;

/** Sorts and names the fields of records with these keys (rules 1 to 8 of reference 6.4). */
export function planRecord(keys: KeyTable, shape: Int32Array, tags: TagSet, names: RecordNames): RecordPlan {
  const contents = new Map<string, Value>();
  const tagFields = new Map<string, Value>();
  const put = (field: FieldName, value: Value) => {
    if (field.isUserDefinedId) return;
    if (field.kind === "content") contents.set(field.name, value);
    else {
      const name = names.tagFieldsRename.get(field.name) ?? field.name;
      if (name !== "") tagFields.set(name, value);
    }
  };
  shape.forEach((key, place) => {
    if (key !== TAGS) put(fieldName(keys.text(key)), place);
    else for (const tag of tags.list) put(fieldName(tag.key), tag.value);
  });
  const writer = new PlanWriter();
  if (names.flat) writer.object(flatParts(contents, tagFields, names));
  else writer.object(threeParts(contents, tagFields, names));
  return { keys: shape, tags, ...writer.done() };
}

function flatParts(
  contents: ReadonlyMap<string, Value>,
  tags: ReadonlyMap<string, Value>,
  names: RecordNames,
): Map<string, Value> {
  const all = new Map([...contents, ...tags]);
  if (names.time !== "") all.set(names.time, TIME_OP);
  return all;
}

function threeParts(
  contents: ReadonlyMap<string, Value>,
  tags: ReadonlyMap<string, Value>,
  names: RecordNames,
): Map<string, Value | ReadonlyMap<string, Value>> {
  const parts = new Map<string, Value | ReadonlyMap<string, Value>>();
  if (names.contents !== "") parts.set(names.contents, contents);
  if (names.tags !== "") parts.set(names.tags, tags);
  if (names.time !== "") parts.set(names.time, TIME_OP);
  return parts;
}

/** Writes JSON text and cuts it where a value of the record goes in. */
class PlanWriter {
  #text = "";
  readonly #constants: Uint8Array[] = [];
  readonly #ops: number[] = [];

  object(members: ReadonlyMap<string, Value | ReadonlyMap<string, Value>>): void {
    this.#text += "{";
    const sorted = [...members].sort((a, b) => compareBytes(encoder.encode(a[0]), encoder.encode(b[0])));
    sorted.forEach(([name, value], i) => {
      this.#text += `${i > 0 ? "," : ""}${JSON.stringify(name.toWellFormed())}:`;
      if (typeof value === "string") this.#text += JSON.stringify(value.toWellFormed());
      else if (typeof value === "object") this.object(value);
      else if (value === TIME_OP) this.#cut(value);
      else {
        this.#text += '"';
        this.#cut(value);
        this.#text += '"';
      }
    });
    this.#text += "}";
  }

  done(): { ops: Int32Array; bytes: Uint8Array; ends: Int32Array } {
    const constants = [...this.#constants, encoder.encode(this.#text)];
    const ends = makeInts(constants.length + 1);
    constants.forEach((constant, i) => ends[i + 1] = ends[i] + constant.length);
    const bytes = makeBytes(ends[constants.length]);
    constants.forEach((constant, i) => bytes.set(constant, ends[i]));
    return { ops: Int32Array.from(this.#ops), bytes, ends };
  }

  #cut(op: number): void {
    this.#constants.push(encoder.encode(this.#text));
    this.#ops.push(op);
    this.#text = "";
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
