import { Batch, IN_ARENA, UTF8_VALID } from "../../src/core/batch.ts";
import type { Clock } from "../../src/core/host.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { Ledger, type LedgerEntry, type ResumeOwner } from "../../src/core/ledger.ts";
import type { Sink } from "../../src/core/lane.ts";
import type { Budget, BudgetHolder, FlusherContext, Keeping, Plugin, Report } from "../../src/core/plugin.ts";
import { NO_TAGS, type TagSet } from "../../src/core/tags.ts";
import type { Cell, Log, LogFields, Metrics } from "../../src/core/telemetry.ts";
import Value from "typebox/value";

/** A log that keeps what was said. */
export class KeptLog implements Log {
  readonly lines: { level: string; message: string; fields: LogFields }[] = [];
  readonly #once: Set<string> = new Set();
  debug(): void {}
  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }
  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }
  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }
  warnOnce(key: string, message: string, fields: LogFields = {}): void {
    if (this.#once.has(key)) return;
    this.#once.add(key);
    this.warn(message, fields);
  }
  /** Messages and fields of all lines that contain this text. */
  find(text: string): { level: string; message: string; fields: LogFields }[] {
    return this.lines.filter((line) => JSON.stringify(line).includes(text));
  }
}

/** Counters by name and labels. */
export class KeptMetrics implements Metrics {
  readonly cells: Map<string, Cell> = new Map();
  counter(name: string, _help: string, labels: Readonly<Record<string, string>> = {}): Cell {
    const key = [
      name,
      ...Object.entries(labels).filter(([label]) => label !== "client").map((pair) => pair.join("=")),
    ];
    const text = key.join(" ");
    let cell = this.cells.get(text);
    if (cell === undefined) this.cells.set(text, cell = { value: 0 });
    return cell;
  }
  gauge(name: string, help: string, labels?: Readonly<Record<string, string>>): Cell {
    return this.counter(name, help, labels);
  }
  observe(): void {}
  forget(): void {}
  value(key: string): number {
    return this.cells.get(key)?.value ?? 0;
  }
}

/** A budget with one fixed cap for every holder. */
export class FixedBudget implements Budget {
  readonly holders: (BudgetHolder & { name: string })[] = [];
  capBytes = 16 * 1024 * 1024;
  holder(name: string): BudgetHolder {
    const holder = { name, used: 0, stalled: false, cap: () => this.capBytes, close: () => {} };
    this.holders.push(holder);
    return holder;
  }
}

/** Notes in memory, of an agent with a folder and one thread. */
export function memoryKeeping(notes: Map<string, string> = new Map()): Keeping {
  return {
    outlives: true,
    workers: 1,
    note: (name) => notes.get(name) ?? null,
    setNote: (name, text) => void notes.set(name, text),
  };
}

/** Everything a flusher is given. */
export interface FlusherBed {
  readonly context: FlusherContext;
  readonly log: KeptLog;
  readonly metrics: KeptMetrics;
  readonly budget: FixedBudget;
  /** How often the flusher said that there is room. */
  wakes: number;
}

/** A flusher's surroundings with this clock and this host. */
export function makeFlusherBed(
  clock: Clock,
  host: Record<string, unknown>,
  more: Partial<FlusherContext> = {},
): FlusherBed {
  const log = new KeptLog();
  const metrics = new KeptMetrics();
  const budget = new FixedBudget();
  const shared = new Map<string, unknown>();
  const bed: FlusherBed = {
    log,
    metrics,
    budget,
    wakes: 0,
    context: {
      pipeline: "test",
      id: "flusher#0",
      keys: new KeyTable(),
      log,
      metrics,
      clock,
      env: () => undefined,
      random: () => 0.5,
      node: "node-1",
      wake: () => bed.wakes++,
      shared: <T>(key: string, make: () => T): T => {
        if (!shared.has(key)) shared.set(key, make());
        return shared.get(key) as T;
      },
      host,
      budget,
      keeping: memoryKeeping(),
      ...more,
    },
  };
  return bed;
}

/** What a plugin reported. */
export class KeptReport implements Report {
  readonly errors: { path: string; code: string; message: string }[] = [];
  readonly warnings: { path: string; code: string; message: string }[] = [];
  error(path: readonly (string | number)[], code: string, message: string): void {
    this.errors.push({ path: path.join("."), code, message });
  }
  warn(path: readonly (string | number)[], code: string, message: string): void {
    this.warnings.push({ path: path.join("."), code, message });
  }
}

/** Options with their defaults filled in, as the config reader gives them. */
// deno-lint-ignore no-explicit-any -- tests write options of any plugin
export function withDefaults(plugin: Plugin, options: Record<string, unknown>): any {
  const filled = Value.Default(plugin.schema, structuredClone(options));
  if (!Value.Check(plugin.schema, filled)) {
    throw new Error(`options do not fit: ${JSON.stringify(Value.Errors(plugin.schema, filled)[0])}`);
  }
  return filled;
}

/** Writes batches of plain records into a sink, as one lane would, and knows what is settled. */
export class TestLane {
  readonly sink: Sink;
  readonly batch: Batch;
  readonly ledger: Ledger;
  readonly #keys: KeyTable;
  readonly #clock: Clock;
  readonly #tags: TagSet;
  #at = 0;

  constructor(
    sink: Sink,
    keys: KeyTable,
    clock: Clock,
    tags: TagSet = NO_TAGS,
    start = 0,
    owner: ResumeOwner | null = null,
  ) {
    this.sink = sink;
    this.#keys = keys;
    this.#clock = clock;
    this.#tags = tags;
    this.batch = new Batch(keys);
    this.#at = start;
    this.ledger = new Ledger({ done: [start] }, () => {}, owner);
  }

  /** Number of records behind the safe point. */
  get safe(): number {
    return this.ledger.safe.done[0];
  }

  /** One batch; each record is a list of fields, or one text for `content`. Returns its entry. */
  write(records: readonly (string | Record<string, string>)[], timesMs: readonly number[] = []): LedgerEntry {
    const texts = records.map((record) => (typeof record === "string" ? { content: record } : record));
    const arena = new TextEncoder().encode(texts.map((fields) => Object.values(fields).join("")).join(""));
    this.batch.begin(this.#tags, arena, UTF8_VALID, this.#clock.wallMs());
    let at = 0;
    texts.forEach((fields, i) => {
      const record = this.batch.addRecord(timesMs[i] ?? 0);
      for (const [key, value] of Object.entries(fields)) {
        const end = at + new TextEncoder().encode(value).length;
        this.batch.append(record, this.#keys.dynamic(key), at, end, IN_ARENA);
        at = end;
      }
      this.batch.appendTags(record);
    });
    this.#at += records.length;
    const entry = this.ledger.open({ done: [this.#at] });
    this.sink.write(this.batch, entry);
    entry.settle();
    return entry;
  }
}
