/**
 * Where the agent's own code spends its time between the read and the compressor: CPU seconds per million lines of
 * split and header decode, of assembly, of processors, of encoding, each with all before it. In memory, one thread:
 * `deno run -A --v8-flags=--max-semi-space-size=2 tests/bench/pipeline_bench.ts [raw|regex|json|docker …]`.
 */
import process from "node:process";
import { Batch } from "../../src/core/batch.ts";
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { Processor } from "../../src/core/plugin.ts";
import { BufferPool } from "../../src/flushers/kafka/buffer_pool.ts";
import { NO_HEADERS, NULL_KEY, RecordBuilder } from "../../src/flushers/kafka/record_builder.ts";
import { processorJson } from "../../src/processors/processor_json.ts";
import { processorRegex } from "../../src/processors/processor_regex.ts";
import { lineKind, makeAssembler } from "../../src/tail/assembler.ts";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { LineTable } from "../../src/tail/line_table.ts";
import { configureRe2 } from "../../src/base/re2/compile.ts";
import { KeptReport, makeFlusherBed, withDefaults } from "../support/flusher_bed.ts";
import { systemClock } from "../../src/host/clock.ts";
import { containerFields } from "./bench_agent.ts";
import { RUNTIME_FRAMING } from "./bench_batches.ts";
import { CASES } from "./bench_cases.ts";
import { ACCESS_KEYS, ACCESS_REGEX, type DataKind, type Step, writeLines } from "./bench_data.ts";

const CHUNK_BYTES = 256 * 1024;
const LINES = 200_000;

const container = { id: "c", name: "nginx", pod: "nginx-76d49876c7-r892w", logPath: "" };
const tags = new TagSet(containerFields(container).map(([key, value]) => ({ key, value })));

function chunksOf(kind: DataKind): Uint8Array[] {
  const path = Deno.makeTempFileSync();
  writeLines(path, kind, 0, LINES);
  const bytes = Deno.readFileSync(path);
  Deno.removeSync(path);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, bytes.lastIndexOf(10, at + CHUNK_BYTES) + 1);
    const arena = new Uint8Array(end - at + 64);
    arena.set(bytes.subarray(at, end));
    chunks.push(arena);
    at = end;
  }
  return chunks;
}

async function processorsOf(step: Step, keys: KeyTable): Promise<Processor[]> {
  const { context } = makeFlusherBed(systemClock, {});
  const own = { ...context, keys };
  if (step === "json") {
    const options = withDefaults(processorJson, {
      SourceKey: "content",
      KeepSource: false,
      ExpandDepth: 1,
      ExpandConnector: "",
    });
    return [await processorJson.create(options, own, new KeptReport())];
  }
  if (step === "raw") return [];
  const options = withDefaults(processorRegex, {
    SourceKey: "content",
    Regex: ACCESS_REGEX,
    Keys: ACCESS_KEYS,
  });
  return [await processorRegex.create(options, own, new KeptReport())];
}

const STAGES = ["split and decode", "assemble", "process", "encode"];

configureRe2({ v8LinearRescue: true });
for (const one of CASES.filter(({ uncompressed, files }) => uncompressed === true && files === 1)) {
  if (Deno.args.length > 0 && !Deno.args.includes(one.name)) continue;
  const chunks = chunksOf(one.kind);
  const keys = new KeyTable();
  const processors = await processorsOf(one.step, keys);
  const style = {
    envelope: makeEnvelope({ protocol: "sls_json", keys }),
    headers: NO_HEADERS,
    eventTime: false,
    valueBytesMax: 1_000_000,
  };
  const table = new LineTable();
  const batch = new Batch(keys);
  const file = { readAt: () => null } as never;
  const assembler = makeAssembler(RUNTIME_FRAMING, keys, new HeldBudget(1 << 20), file);
  const pool = new BufferPool();
  const arena = new Uint8Array(CHUNK_BYTES + 256);
  let out = 0;
  const pass = (stages: number) => {
    let builder = new RecordBuilder(pool, { sealBytes: 384 * 1024, recordsMax: 2048 }, 400 * 1024);
    for (const chunk of chunks) {
      arena.set(chunk, 64);
      table.fill(arena, 64, 64 + chunk.length - 64, lineKind(RUNTIME_FRAMING), false);
      for (let row = 0; stages > 0 && row < table.count;) {
        batch.begin(tags, arena, table.utf8, 1_687_753_930_000);
        row = assembler.take(table, row, 0, batch, 512 * 1024, 0, false);
        if (stages > 1) { for (const processor of processors) processor.process(batch); }
        for (let record = 0; stages > 2 && record < batch.count;) {
          record = builder.appendRun(batch, record, batch.count, style, NULL_KEY);
          if (record < batch.count || builder.full) {
            out += builder.bytes;
            builder.release();
            builder = new RecordBuilder(pool, { sealBytes: 384 * 1024, recordsMax: 2048 }, 400 * 1024);
          }
        }
      }
    }
    builder.release();
  };
  let line = one.name.padEnd(8);
  for (let stages = 0; stages < STAGES.length; stages++) {
    if (stages === 2 && processors.length === 0) continue;
    let best = Infinity;
    for (let round = 0; round < 8; round++) {
      const before = process.cpuUsage();
      pass(stages);
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, (user + system) / LINES);
    }
    line += `${STAGES[stages]} ${best.toFixed(3)}  `;
  }
  // deno-lint-ignore no-console -- a bench prints
  console.log(line);
  if (out === 0) throw new Error("BUG: nothing was written");
}
