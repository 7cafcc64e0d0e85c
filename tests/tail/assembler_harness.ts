/** A small reader around an assembler: any chunking, any cut, any crash. Shared by the assembler tests. */
import { Batch } from "../../src/core/batch.ts";
import type { Framing } from "../../src/core/framing.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { type Resume, resumeAt } from "../../src/core/ledger.ts";
import { TagSet } from "../../src/core/tags.ts";
import {
  type Assembler,
  lineKind,
  makeAssembler,
  recordLimit,
  type RereadFile,
} from "../../src/tail/assembler.ts";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { LineTable } from "../../src/tail/line_table.ts";

export const PLAIN: Framing = {
  format: "lines",
  stdout: true,
  stderr: true,
  encoding: "utf8",
  multiline: null,
  recordBytesMax: 512 * 1024,
  oversize: "split",
  flushTimeoutMs: 60_000,
  multilineTimeoutMs: 3_000,
  timeSource: "clock",
  offsetKey: null,
  keepEmptyLines: false,
};

export const RUNTIME: Framing = { ...PLAIN, format: "runtime", keepEmptyLines: true };

const encoder = new TextEncoder();

export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A file in memory that counts how often it is read. */
export class MemoryFile implements RereadFile {
  reads = 0;
  bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  read(into: Uint8Array, begin: number, length: number, at: number): number {
    this.reads++;
    const part = this.bytes.subarray(at, at + length);
    into.set(part, begin);
    return part.length;
  }
}

/** A record as ordered fields. */
export type Fields = Record<string, string>;

/** One batch as the ledger sees it. */
export interface Step {
  records: Fields[];
  timesMs: number[];
  resume: Resume;
}

export interface RunOptions {
  /** Bytes of each read in turn, repeated; default: everything. */
  chunks?: readonly number[];
  /** Room of each take in turn, repeated. */
  rooms?: readonly number[];
  /** Where to begin; default the file's begin. */
  from?: Resume;
  heldBytesMax?: number;
  final?: boolean;
  tags?: TagSet;
}

/** All fields of all records. */
export function readBatch(batch: Batch): Fields[] {
  const records: Fields[] = [];
  for (let r = 0; r < batch.count; r++) {
    const fields: Fields = {};
    for (let cell = batch.firstField(r); cell >= 0; cell = batch.nextField(cell)) {
      fields[batch.keys.text(batch.key(cell))] = batch.text(cell);
    }
    records.push(fields);
  }
  return records;
}

/** Reads a whole file through a new assembler, as a reader would, and ends it. */
export function run(bytes: Uint8Array, framing: Framing, options: RunOptions = {}): Step[] {
  return new Reader(bytes, framing, options).run();
}

/** The records of all steps. */
export function recordsOf(steps: readonly Step[]): Fields[] {
  return steps.flatMap((step) => step.records);
}

/** `run` with text in and contents out. */
export function contents(text: string, framing: Framing, options: RunOptions = {}): string[] {
  return recordsOf(run(encode(text), framing, options)).map((fields) => fields.content);
}

export class Reader {
  readonly assembler: Assembler;
  readonly file: MemoryFile;
  readonly steps: Step[] = [];
  readonly budget: HeldBudget;
  cursor = 0;
  readonly #framing: Framing;
  readonly #options: RunOptions;
  readonly #batch = new Batch(new KeyTable());
  readonly #table = new LineTable();
  #turn = 0;
  #take = 0;

  constructor(bytes: Uint8Array, framing: Framing, options: RunOptions = {}) {
    this.file = new MemoryFile(bytes);
    this.#framing = framing;
    this.#options = options;
    this.budget = new HeldBudget(options.heldBytesMax);
    this.assembler = makeAssembler(framing, this.#batch.keys, this.budget, this.file);
    this.#table.pieceBytes = recordLimit(framing);
    if (options.from !== undefined) {
      this.assembler.skipBefore(options.from);
      this.cursor = resumeAt(options.from);
    }
  }

  run(): Step[] {
    this.readToEnd();
    if (this.#options.final !== false) this.finish();
    return this.steps;
  }

  readToEnd(nowMs = 0): void {
    let extra = 0;
    while (this.cursor < this.file.bytes.length) {
      const chunks = this.#options.chunks ?? [this.file.bytes.length];
      const size = chunks[this.#turn++ % chunks.length] + extra;
      const atEnd = this.cursor + size >= this.file.bytes.length;
      const before = this.cursor;
      this.#read(size, false, nowMs);
      extra = this.cursor === before ? (extra + size) * 2 : 0;
      if (this.cursor === before && atEnd) return;
    }
  }

  /** What a reader does with a file that is over. */
  finish(nowMs = 0): void {
    while (this.cursor < this.file.bytes.length) this.#read(Infinity, true, nowMs);
    this.flush(nowMs, true);
  }

  flush(nowMs: number, final: boolean): void {
    this.#begin(new Uint8Array(0), 0);
    this.assembler.flush(this.#batch, nowMs, final);
    this.#step();
  }

  #read(size: number, final: boolean, nowMs: number): void {
    // The arena begins somewhere, and stale bytes lie around what was read.
    const pad = 7 + this.#turn % 3;
    const part = this.file.bytes.subarray(this.cursor, this.cursor + size);
    const arena = new Uint8Array(part.length + pad + 3).fill(0x7b);
    arena.set(part, pad);
    const kind = lineKind(this.#framing);
    const table = this.#table;
    let end = table.fill(arena, pad, pad + part.length, kind, final);
    if (end === pad) {
      if (part.length <= table.pieceBytes) return;
      end = table.pieceEnd(arena, pad, kind);
      table.fillPiece(arena, pad, end, kind);
    }
    const fileBase = this.cursor - pad;
    for (let row = 0; row < table.count;) {
      this.#begin(arena, table.utf8);
      const rooms = this.#options.rooms ?? [1e9];
      const room = rooms[this.#take++ % rooms.length];
      const next = this.assembler.take(table, row, fileBase, this.#batch, room, nowMs, final);
      this.cursor = fileBase + (next < table.count ? table.lineBegin(next) : end);
      this.#step();
      if (next === row) return;
      row = next;
    }
  }

  #begin(arena: Uint8Array, utf8: number): void {
    this.#batch.begin(this.#options.tags ?? new TagSet([]), arena, utf8, 0);
  }

  #step(): void {
    this.steps.push({
      records: readBatch(this.#batch),
      timesMs: [...this.#batch.timesMs.subarray(0, this.#batch.count)],
      resume: this.assembler.resume(this.cursor),
    });
  }
}
