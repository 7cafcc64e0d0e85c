import Value from "typebox/value";
import {
  Batch,
  ESCAPED,
  IN_ARENA,
  IN_SCRATCH,
  UTF8_ASCII,
  UTF8_UNCHECKED,
  UTF8_VALID,
} from "../../src/core/batch.ts";
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import type { KeyTable } from "../../src/core/keys.ts";
import type { Plugin, PluginContext, Processor, Report } from "../../src/core/plugin.ts";
import { encodeRecord } from "./encode_record.ts";
import { NO_TAGS, type TagSet } from "../../src/core/tags.ts";

/** A key or value: text, or bytes that are no UTF-8. */
export type Bytes = string | { readonly base64: string };
/** One record as an ordered list of fields. */
export type Fields = readonly (readonly [Bytes, Bytes])[];

/** Where the values of a batch lie when it reaches the processors. */
export type Place = "arena" | "escaped" | "scratch" | "text";
export const PLACES: readonly Place[] = ["arena", "escaped", "scratch", "text"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes of a key or value of a test case. */
export function toBytes(value: Bytes): Uint8Array {
  if (typeof value === "string") return encoder.encode(value);
  return Uint8Array.from(atob(value.base64), (character) => character.charCodeAt(0));
}

/** Text of a key or value, as a reader of the output sees it. */
export function toText(value: Bytes): string {
  return typeof value === "string" ? value : decoder.decode(toBytes(value));
}

/**
 * Options of a plugin from what a user writes: names without regard to case, `null` as absent, defaults filled in,
 * everything else an error. (The config reader does more; this is enough for cases that were checked already.)
 */
export function pluginOptions(plugin: Plugin, written: Readonly<Record<string, unknown>>): unknown {
  const names = Object.keys(plugin.schema.properties);
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(written)) {
    if (name === "Type") continue;
    const known = names.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (known === undefined) throw new Error(`unknown option '${name}'`);
    if (value !== null) given[known] = value;
  }
  const filled = Value.Default(plugin.schema, given);
  const [error] = Value.Errors(plugin.schema, filled);
  if (error !== undefined) throw new Error(`${error.instancePath} ${error.message}`);
  return filled;
}

/** Builds a processor from what a user writes; an error of the options or of the plugin is thrown. */
export async function makeProcessor(
  plugin: Plugin<"processor">,
  written: Readonly<Record<string, unknown>>,
  context: PluginContext,
): Promise<Processor> {
  const errors: string[] = [];
  const report: Report = {
    error: (path, code, message) => void errors.push(`${path.join(".")} ${code} ${message}`),
    warn() {},
  };
  const processor = await plugin.create(pluginOptions(plugin, written), context, report);
  if (errors.length > 0) throw new Error(errors.join("; "));
  return processor;
}

/** A batch of these records, their values at the place asked for. */
export function makeBatch(
  keys: KeyTable,
  records: readonly Fields[],
  place: Place = "arena",
  tags: TagSet = NO_TAGS,
): Batch {
  // The reader's names are permanent: taken later, they would make it forget those of the batch.
  makeEnvelope({ protocol: "sls_json", keys });
  const batch = new Batch(keys);
  const values = records.flat().map(([, value]) => valueBytes(value, place));
  const all = new Uint8Array(values.reduce((sum, bytes) => sum + bytes.length, 0));
  const utf8 = knownUtf8(values);
  batch.begin(tags, place === "scratch" ? new Uint8Array(0) : all, utf8, 1_700_000_000_123);
  if (place === "scratch") {
    batch.reserve(all.length);
    batch.scratchUsed = all.length;
    batch.scratchUtf8 = utf8;
  }
  const into = place === "scratch" ? batch.scratch : all;
  let at = 0, index = 0;
  for (const record of records) {
    const number = batch.addRecord();
    for (const [key, value] of record) {
      const id = keys.dynamic(toText(key));
      const bytes = values[index++];
      into.set(bytes, at);
      if (place === "text") batch.appendText(number, id, toText(value));
      else {
        const flags = (place === "scratch" ? IN_SCRATCH : IN_ARENA) | (place === "escaped" ? ESCAPED : 0);
        batch.append(number, id, at, at + bytes.length, flags);
      }
      at += bytes.length;
    }
  }
  return batch;
}

function valueBytes(value: Bytes, place: Place): Uint8Array {
  return place === "escaped" ? encoder.encode(JSON.stringify(toText(value)).slice(1, -1)) : toBytes(value);
}

function knownUtf8(values: readonly Uint8Array[]): number {
  if (values.every((bytes) => bytes.every((byte) => byte < 0x80))) return UTF8_ASCII;
  const valid = values.every((bytes) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  });
  return valid ? UTF8_VALID : UTF8_UNCHECKED;
}

/** The records that are left, read through `sls_json`, which is how a reader of the topic sees them. */
export function readBatch(batch: Batch): [string, string][][] {
  const envelope = makeEnvelope({ protocol: "sls_json", keys: batch.keys });
  const records: [string, string][][] = [];
  for (let record = 0; record < batch.count; record++) {
    if (batch.first[record] < 0) continue;
    const json = encodeRecord(envelope, batch, record);
    const { Contents } = JSON.parse(json) as { Contents: { Key: string; Value: string }[] };
    records.push(Contents.map(({ Key, Value }) => [Key, Value]));
  }
  return records;
}
