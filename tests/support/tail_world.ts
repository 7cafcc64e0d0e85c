import type { Batch } from "../../src/core/batch.ts";
import type { Birth, CheckpointStore, LaneKey, SavedLane } from "../../src/core/checkpoint.ts";
import type { Framing } from "../../src/core/framing.ts";
import { KeyTable } from "../../src/core/keys.ts";
import type { LaneOutput } from "../../src/core/lane.ts";
import type { LedgerEntry } from "../../src/core/ledger.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { Follow, FollowSpec, PathSelect } from "../../src/core/tailing.ts";
import { Tail } from "../../src/tail/tail.ts";
import type { TailOptions } from "../../src/tail/tail_options.ts";
import { OwnLog } from "../../src/telemetry/log.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";
import { hostView, MemoryFiles, VirtualClock } from "./virtual_host.ts";

/** One text line a record, as `file_log` frames it. */
export const LINES: Framing = {
  format: "lines",
  stdout: true,
  stderr: true,
  encoding: "utf8",
  multiline: null,
  recordBytesMax: 64 * 1024,
  oversize: "split",
  flushTimeoutMs: 60_000,
  multilineTimeoutMs: 3_000,
  timeSource: "clock",
  offsetKey: null,
  keepEmptyLines: false,
};

/** Docker json-file or CRI text, both streams. */
export const RUNTIME: Framing = { ...LINES, format: "runtime", keepEmptyLines: true };

/** A flusher that keeps what it gets and acknowledges when told to. */
export class TestOutput implements LaneOutput {
  /** Texts of `content`, in order of arrival. */
  readonly got: string[] = [];
  readonly unsettled: LedgerEntry[] = [];
  roomBytes = 1 << 20;
  /** Whether each batch is acknowledged at once. */
  acks: boolean;
  caughtUps = 0;
  closed = false;

  constructor(acks = true) {
    this.acks = acks;
  }

  room(): number {
    return this.roomBytes;
  }

  push(batch: Batch, entry: LedgerEntry): void {
    const content = batch.keys.permanent("content");
    for (let record = 0; record < batch.count; record++) {
      this.got.push(batch.text(batch.find(record, content)));
    }
    entry.hold();
    if (this.acks) entry.settle();
    else this.unsettled.push(entry);
  }

  /** Acknowledges the oldest `count` batches, all by default. */
  ack(count = this.unsettled.length): void {
    for (const entry of this.unsettled.splice(0, count)) entry.settle();
  }

  caughtUp(): void {
    this.caughtUps++;
  }

  close(): void {
    this.closed = true;
  }
}

/** A checkpoint store that outlives the tail: a map. */
export class MapStore implements CheckpointStore {
  birth: Birth;
  readonly rows: Map<string, SavedLane> = new Map();
  readonly #firstSeen: Map<string, number> = new Map();
  readonly #notes: Map<string, string> = new Map();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.birth = { kind: "first", bornMs: nowMs() };
  }

  load(): SavedLane[] {
    return [...this.rows.values()];
  }

  save(changed: readonly SavedLane[], removed: readonly LaneKey[]): void {
    for (const row of changed) this.rows.set(JSON.stringify(row.key), structuredClone(row));
    for (const key of removed) this.rows.delete(JSON.stringify(key));
  }

  firstSeenMs(pipeline: string): number {
    const known = this.#firstSeen.get(pipeline) ?? this.#nowMs();
    this.#firstSeen.set(pipeline, known);
    return known;
  }

  note(name: string): string | null {
    return this.#notes.get(name) ?? null;
  }

  setNote(name: string, text: string): void {
    this.#notes.set(name, text);
  }

  close(): void {}
}

/** A tail on files in memory; `restart` is a crash and a new start with the same disk. */
export class TailWorld {
  readonly clock = new VirtualClock();
  readonly files = new MemoryFiles(this.clock);
  readonly store: MapStore;
  readonly logLines: string[] = [];
  metrics = new MetricRegistry();
  tail: Tail;
  readonly #options: Partial<TailOptions>;

  constructor(options: Partial<TailOptions> = {}) {
    this.#options = options;
    this.store = new MapStore(() => this.clock.wallMs());
    this.tail = this.#makeTail();
  }

  /** Crash: the old tail is forgotten with everything that is not in the store. */
  restart(): void {
    this.tail.stopReading();
    this.store.birth = { ...this.store.birth, kind: "known" };
    this.tail = this.#makeTail();
  }

  /** Follows with one output per flusher and starts polling. */
  follow(
    select: PathSelect | string,
    outputs: readonly TestOutput[],
    more: Partial<FollowSpec> = {},
  ): Follow {
    const follow = this.tail.follow({
      pipeline: "p",
      input: "i",
      flushers: outputs.map((_, i) => `f${i}`),
      origin: "host",
      originCreatedMs: null,
      label: "host",
      view: hostView("/"),
      select: typeof select === "string" ? { kind: "exact", path: select } : select,
      framing: LINES,
      firstContact: { tailBytesMax: null, written: false },
      open: (path) => ({ tags: new TagSet([{ key: "path", value: path }]), outputs }),
      ...more,
    });
    this.tail.start();
    return follow;
  }

  #makeTail(): Tail {
    return new Tail({
      files: this.files,
      clock: this.clock,
      keys: new KeyTable(),
      store: this.store,
      log: new OwnLog({ write: (line) => this.logLines.push(line), clock: this.clock, format: "json" }),
      metrics: this.metrics,
      pace: { turnMs: () => 8, waitMs: () => 0, readingAllowed: () => true },
      fromStart: false,
      heldBytesMax: 8 << 20,
      deletedBytesMax: 1 << 30,
      ...this.#options,
    });
  }
}

/** A pattern over one folder. */
export function glob(folder: string, name: string, depthMax = 0): PathSelect {
  return { kind: "glob", folder, name, depthMax, excluded: () => false };
}
