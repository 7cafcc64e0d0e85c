import { makeInts } from "../../base/buffers.ts";
import { viewOf } from "../../base/byte_views.ts";
import { copyBytes } from "../../base/json_escape.ts";
import { type Batch, TAGS } from "../batch.ts";
import type { KeyTable } from "../keys.ts";
import { planRecord, type RecordNames, type RecordPlan, TIME_OP } from "./custom_single_plan.ts";
import type { Envelope } from "./envelope.ts";
import { valueBytesMax, writeValue } from "./value_bytes.ts";

const encoder = new TextEncoder();
/** Shapes of records (list of keys and source) remembered at once; more are forgotten together. */
const PLANS_MAX = 512;

/**
 * iLogtail's newer form and its flat variant (reference 6.4), keys sorted by their bytes at every level:
 *
 *   {"contents":{<string>:<string>,…},"tags":{<string>:<string>,…},"time":<seconds>}
 *   {<contents, tags and time in one object, a later one replacing an equal name>}
 *
 * Sorting, renaming and doubled keys depend on the record's keys only, so they are worked out once per list of keys
 * and source ({@linkcode planRecord}); a record is then constant bytes and values in turn.
 */
export class CustomSingle implements Envelope {
  readonly name: string;
  readonly #keys: KeyTable;
  readonly #names: RecordNames;
  #generation = -1;
  #plans: Map<number, RecordPlan[]> = new Map();
  #planCount = 0;
  #plan: RecordPlan | null = null;
  /** The record's cells and their keys in order. */
  #cellAt = new Int32Array(64);
  #keyAt = new Int32Array(64);
  #count = 0;
  #second = NaN;
  #time: Uint8Array = new Uint8Array(0);

  constructor(name: string, keys: KeyTable, names: RecordNames) {
    this.name = name;
    this.#keys = keys;
    this.#names = names;
  }

  bytesMax(batch: Batch, record: number): number {
    const plan = this.#planFor(batch, record);
    let max = plan.bytes.length + 24;
    for (let i = 0; i < plan.ops.length; i++) {
      if (plan.ops[i] !== TIME_OP) max += valueBytesMax(batch, this.#cellAt[plan.ops[i]]);
    }
    return max;
  }

  encodeWithin(batch: Batch, record: number, out: Uint8Array, at: number, limit: number): number {
    return at + this.bytesMax(batch, record) > limit ? -1 : this.encode(batch, record, out, at);
  }

  encode(batch: Batch, record: number, out: Uint8Array, at: number): number {
    const plan = this.#planFor(batch, record);
    const { ops, bytes, ends } = plan;
    const to = viewOf(out);
    for (let i = 0; i < ops.length; i++) {
      at = copyBytes(bytes, ends[i], ends[i + 1], out, at);
      if (ops[i] !== TIME_OP) at = writeValue(batch, this.#cellAt[ops[i]], out, to, at);
      else at = this.#writeTime(batch.timesMs[record] || batch.clockMs, out, at);
    }
    return copyBytes(bytes, ends[ops.length], bytes.length, out, at);
  }

  #writeTime(timeMs: number, out: Uint8Array, at: number): number {
    const second = Math.floor(timeMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#time = encoder.encode(String(second));
    }
    return copyBytes(this.#time, 0, this.#time.length, out, at);
  }

  /** Lists the record's cells and finds the plan for their keys; nearly always it is that of the record before. */
  #planFor(batch: Batch, record: number): RecordPlan {
    const cells = batch.cells;
    let count = 0;
    let hash = 0;
    for (let cell = batch.first[record]; cell >= 0; cell = cells[cell + 4]) {
      if (count === this.#cellAt.length) this.#grow();
      this.#cellAt[count] = cell;
      this.#keyAt[count++] = cells[cell];
      hash = Math.imul(hash, 31) + cells[cell] | 0;
    }
    this.#count = count;
    if (this.#generation !== this.#keys.generation) {
      this.#generation = this.#keys.generation;
      this.#forget();
    }
    if (this.#plan !== null && this.#fits(this.#plan, batch)) return this.#plan;
    return this.#plan = this.#plans.get(hash)?.find((plan) => this.#fits(plan, batch)) ??
      this.#add(batch, hash);
  }

  #fits(plan: RecordPlan, batch: Batch): boolean {
    if (plan.keys.length !== this.#count) return false;
    for (let i = 0; i < this.#count; i++) {
      if (plan.keys[i] !== this.#keyAt[i]) return false;
      if (plan.keys[i] === TAGS && plan.tags !== batch.tags) return false;
    }
    return true;
  }

  #add(batch: Batch, hash: number): RecordPlan {
    if (this.#planCount >= PLANS_MAX) this.#forget();
    const plan = planRecord(this.#keys, this.#keyAt.slice(0, this.#count), batch.tags, this.#names);
    const same = this.#plans.get(hash);
    if (same === undefined) this.#plans.set(hash, [plan]);
    else same.push(plan);
    this.#planCount++;
    return plan;
  }

  #forget(): void {
    this.#plans.clear();
    this.#planCount = 0;
    this.#plan = null;
  }

  #grow(): void {
    const cells = makeInts(this.#cellAt.length * 2), keys = makeInts(cells.length);
    cells.set(this.#cellAt);
    keys.set(this.#keyAt);
    this.#cellAt = cells;
    this.#keyAt = keys;
  }
}
