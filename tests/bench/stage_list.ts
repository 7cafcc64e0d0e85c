/** The steps on the way of a line, each with the product's own code and checked once before it is timed. */
import { openSync } from "node:fs";
import { crc32c } from "../../src/base/crc32c.ts";
import { escapeJson } from "../../src/base/json_escape.ts";
import { configureRe2 } from "../../src/base/re2/compile.ts";
import { Batch } from "../../src/core/batch.ts";
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import { KeyTable } from "../../src/core/keys.ts";
import type { Plugin, Processor } from "../../src/core/plugin.ts";
import { BufferPool } from "../../src/flushers/kafka/buffer_pool.ts";
import {
  NO_HEADERS,
  NULL_KEY,
  RecordBuilder,
  RECORDS_BEGIN,
} from "../../src/flushers/kafka/record_builder.ts";
import { HostCodecs } from "../../src/host/codecs.ts";
import { DescriptorFile } from "../../src/host/open_file.ts";
import { processorJson } from "../../src/processors/processor_json.ts";
import { processorRegex } from "../../src/processors/processor_regex.ts";
import { makeAssembler } from "../../src/tail/assembler.ts";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { type LineKind, LineTable } from "../../src/tail/line_table.ts";
import { testContext } from "../support/plugin_context.ts";
import { makeProcessor } from "../support/run_processors.ts";
import { checkRecord, frame, RUNTIME_FRAMING, STDOUT_TAGS } from "./bench_batches.ts";
import { ACCESS_KEYS, ACCESS_REGEX, type DataKind, fileText, message } from "./bench_data.ts";
import type { Stage } from "./stage.ts";

const CHUNK_BYTES = 256 * 1024;
const RECORDS = 1000;
/** As a batch is sealed with compression. */
const SEAL_BYTES = 384 * 1024;

/** A chunk as the reader has it: complete lines, and room behind them. */
function chunkOf(kind: DataKind): { arena: Uint8Array; end: number; lines: number } {
  const arena = new Uint8Array(CHUNK_BYTES + 256);
  const encoder = new TextEncoder();
  let end = 0;
  for (let lines = 0;; lines++) {
    const bytes = encoder.encode(fileText(kind, lines));
    if (end + bytes.length > CHUNK_BYTES) return { arena, end, lines };
    arena.set(bytes, end);
    end += bytes.length;
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`BUG: ${what}: speed of nonsense is no result`);
}

/** Reads a file of 16 MiB that is in the page cache, chunk by chunk. */
function readStage(folder: string): Stage {
  const path = `${folder}/read`;
  const sizeBytes = 64 * CHUNK_BYTES;
  Deno.writeFileSync(path, new Uint8Array(sizeBytes).fill(65));
  const file = new DescriptorFile(openSync(path, "r"), path);
  const arena = new Uint8Array(CHUNK_BYTES);
  return {
    name: "read",
    per: "byte",
    run() {
      let at = 0;
      while (at < sizeBytes) at += file.read(arena, 0, CHUNK_BYTES, at);
      must(arena[0] === 65, "read");
      return at;
    },
  };
}

function splitStage(name: string, kind: DataKind, lineKind: LineKind): Stage {
  const { arena, end, lines } = chunkOf(kind);
  const table = new LineTable();
  return {
    name,
    per: "line",
    run() {
      table.fill(arena, 0, end, lineKind, false);
      must(table.count === lines, name);
      return lines;
    },
  };
}

/** From rows to records with their fields. */
function assembleStage(): Stage {
  const { arena, end, lines } = chunkOf("access");
  const table = new LineTable();
  table.fill(arena, 0, end, "runtime", false);
  const keys = new KeyTable();
  const batch = new Batch(keys);
  const assembler = makeAssembler(RUNTIME_FRAMING, keys, new HeldBudget(), { read: () => 0 });
  return {
    name: "assemble",
    per: "line",
    run() {
      let records = 0;
      for (let row = 0; row < table.count;) {
        batch.begin(STDOUT_TAGS, arena, table.utf8, 0);
        row = assembler.take(table, row, 0, batch, 512 * 1024, 0, false);
        records += batch.count;
      }
      must(records === lines, "assemble");
      return lines;
    },
  };
}

function escapeStage(): Stage {
  const text = new TextEncoder().encode(
    Array.from({ length: RECORDS }, (_, n) => message("access", n)).join(""),
  );
  const out = new Uint8Array(2 * text.length + 64);
  const should = JSON.stringify(new TextDecoder().decode(text)).slice(1, -1);
  must(
    new TextDecoder().decode(out.subarray(0, escapeJson(text, 0, text.length, out, 0))) === should,
    "escape",
  );
  const step = Math.floor(text.length / RECORDS);
  return {
    name: "JSON escape",
    per: "byte",
    run() {
      for (let at = 0; at + step <= text.length; at += step) escapeJson(text, at, at + step, out, 0);
      return text.length;
    },
  };
}

/** Framing of the batch is part of it: a processor changes what it is given. */
async function processorStages(): Promise<Stage[]> {
  configureRe2({ v8LinearRescue: true });
  const context = testContext();
  const envelope = makeEnvelope({ protocol: "sls_json", keys: context.keys });
  const stage = async (name: string, kind: DataKind, plugin: unknown, options: object, key: string) => {
    const processor: Processor = await makeProcessor(plugin as Plugin<"processor">, {
      SourceKey: "content",
      KeepSource: false,
      ...options,
    }, context);
    const messages = Array.from({ length: RECORDS }, (_, n) => message(kind, n));
    const make = frame(context.keys, messages);
    const batch = make();
    processor.process(batch);
    const should = kind === "json"
      ? JSON.parse(messages[321])[key]
      : new RegExp(ACCESS_REGEX).exec(messages[321])![1 + ACCESS_KEYS.indexOf(key)];
    checkRecord(batch, envelope, 321, key, should);
    return { name, per: "line" as const, run: () => (processor.process(make()), RECORDS) };
  };
  const regex = { Regex: ACCESS_REGEX, Keys: ACCESS_KEYS };
  return [
    await stage("regex, 11 groups", "access", processorRegex, regex, "path"),
    await stage("regex, Chinese", "chinese", processorRegex, regex, "path"),
    await stage("JSON expand", "json", processorJson, { ExpandDepth: 1, ExpandConnector: "" }, "message"),
  ];
}

/** Envelope and record into the accumulator; then what is done to a full one. */
async function batchStages(): Promise<Stage[]> {
  const keys = new KeyTable();
  const envelope = makeEnvelope({ protocol: "sls_json", keys });
  const style = { envelope, headers: NO_HEADERS, eventTime: false, valueBytesMax: 1_000_000 };
  const batch = frame(keys, Array.from({ length: RECORDS }, (_, n) => message("access", n)))();
  const pool = new BufferPool();
  const fill = () => {
    const builder = new RecordBuilder(pool, { sealBytes: SEAL_BYTES, recordsMax: 2048 }, 400 * 1024);
    const taken = builder.appendRun(batch, 0, batch.count, style, NULL_KEY);
    return { builder, taken };
  };
  const { builder: full } = fill();
  const bytes = full.buffer.slice(0, full.at);
  const stages: Stage[] = [{
    name: "record batch",
    per: "line",
    run() {
      const { builder, taken } = fill();
      must(builder.full && taken > 100, "record batch");
      builder.release();
      return taken;
    },
  }, {
    name: "CRC32C",
    per: "byte",
    run: () => (crc32c(bytes, RECORDS_BEGIN, bytes.length), bytes.length - RECORDS_BEGIN),
  }];
  must(crc32c(new TextEncoder().encode("123456789"), 0, 9) === 0xe3069283, "CRC32C");
  const codecs = new HostCodecs();
  for (const name of ["zstd", "gzip"] as const) {
    const codec = await codecs.load(name);
    if (codec === null) continue;
    const plain = codec.decompress(codec.compress(bytes, RECORDS_BEGIN, bytes.length).slice());
    must(plain.every((byte, i) => byte === bytes[RECORDS_BEGIN + i]), name);
    stages.push({
      name: `${name} ${codec.level}`,
      per: "byte",
      run: () => (codec.compress(bytes, RECORDS_BEGIN, bytes.length), bytes.length - RECORDS_BEGIN),
    });
  }
  return stages;
}

/** All stages, in the order of a line's way. `folder`: on a disk, for the file that is read. */
export async function makeStages(folder: string): Promise<Stage[]> {
  return [
    readStage(folder),
    splitStage("split", "plain", "lines"),
    splitStage("split and CRI header", "access", "runtime"),
    splitStage("split and docker header", "docker", "runtime"),
    assembleStage(),
    escapeStage(),
    ...await processorStages(),
    ...await batchStages(),
  ];
}
