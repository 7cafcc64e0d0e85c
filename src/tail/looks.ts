import type { Clock, Files } from "../core/host.ts";
import { Glances } from "./glances.ts";
import { LookPace } from "./look_pace.ts";
import { type ReaderTurns, RETRY_MS } from "./reader_turns.ts";
import { RemoteLooks } from "./remote_looks.ts";
import type { SourcePath } from "./source_path.ts";
import type { Target } from "./target.ts";
import { TurnQueue } from "./turn_queue.ts";
import type { TurnTimer } from "./turn_timer.ts";

/** Open files are polled this often: the read at the end of the file is itself the poll. */
export const POLL_MS = 100;
/** Files that were not written for this long are polled every `IDLE_POLLS`-th time only, if there are many. */
const BUSY_FOR_MS = 60_000;
const IDLE_POLLS = 10;

/** What looking is done with. */
export interface LooksParts {
  readonly files: Files;
  readonly clock: Clock;
  readonly timer: TurnTimer;
  /** Files in which something was found are read there. */
  readonly turns: ReaderTurns;
  /** Polls as with many files, however few there are. */
  readonly asMany: boolean;
}

/**
 * Looks at targets and their paths. A poll says which are due; they are looked at in turns, and what there is to read is
 * handed to {@linkcode ReaderTurns}.
 */
export class Looks {
  readonly #clock: Clock;
  readonly #timer: TurnTimer;
  readonly #turns: ReaderTurns;
  readonly #targets: Set<Target> = new Set();
  readonly #due: TurnQueue<SourcePath> = new TurnQueue();
  readonly #glances = new Glances();
  readonly #lookPace: LookPace;
  readonly #remote: RemoteLooks;
  /** Those with files that were written lately. */
  readonly #busy: Set<SourcePath> = new Set();
  #polls = 0;

  constructor({ files, clock, timer, turns, asMany }: LooksParts) {
    this.#clock = clock;
    this.#timer = timer;
    this.#turns = turns;
    this.#lookPace = new LookPace(POLL_MS, asMany);
    this.#remote = new RemoteLooks(files);
  }

  /** One more target; `now`: it is looked at at once, or else when all are. */
  add(target: Target, now: boolean): void {
    this.#targets.add(target);
    if (now) this.#queueTarget(target, this.#clock.monotonicMs());
  }

  /** Looks for the files of all targets. */
  start(): void {
    for (const target of this.#targets) this.#queueTarget(target, this.#clock.monotonicMs());
  }

  close(): void {
    for (const target of this.#targets) target.close();
    this.#targets.clear();
  }

  /** Whether something is to be looked at. */
  get waiting(): boolean {
    return this.#due.size > 0;
  }

  /** A file of the source grew: it is polled often from now on. */
  grew(source: SourcePath): void {
    this.#busy.add(source);
  }

  /**
   * Everything that is due is looked at in the next turns; nothing is read here. Returns whether the polls went round: all
   * targets have had theirs.
   */
  poll(nowMs: number): boolean {
    this.#glances.begin(nowMs);
    if (this.#polls++ % IDLE_POLLS === 0) this.#countPaths();
    for (const target of this.#targets) {
      if (this.#lookPace.few || target.urgent || (target.phase + this.#polls) % IDLE_POLLS === 0) {
        this.#visit(target, nowMs);
      }
    }
    for (const source of this.#busy) {
      if (source.busy(nowMs, BUSY_FOR_MS)) this.#due.add(source);
      else this.#busy.delete(source);
    }
    return this.#polls % IDLE_POLLS === 0;
  }

  /** Looks at what is due, until `endMs`; `backlog`: others are read meanwhile. Returns the time. */
  run(beginMs: number, endMs: number, backlog: boolean): number {
    let nowMs = beginMs;
    if (backlog && this.#glances.isDue(nowMs)) this.#glance(nowMs);
    while (nowMs < endMs) {
      const source = this.#due.take();
      if (source === undefined) break;
      this.#lookAt(source, nowMs);
      nowMs = this.#clock.monotonicMs();
    }
    this.#glances.spent(nowMs - beginMs);
    return nowMs;
  }

  /** Looks at all of a target. */
  #visit(target: Target, nowMs: number): void {
    this.#queueTarget(target, nowMs);
    for (const source of target.sources.values()) this.#due.add(source);
    if (!target.done) return;
    target.close();
    this.#targets.delete(target);
  }

  #countPaths(): void {
    let paths = 0;
    for (const target of this.#targets) paths += target.sources.size;
    this.#lookPace.count(paths);
  }

  /** A line in a file that was quiet does not wait for the next poll while others have a backlog. */
  #glance(nowMs: number): void {
    this.#glances.begin(nowMs);
    if (!this.#lookPace.few) {
      for (const source of this.#busy) this.#glanceAt(source);
      return;
    }
    for (const target of this.#targets) for (const source of target.sources.values()) this.#glanceAt(source);
  }

  #glanceAt(source: SourcePath): void {
    const reader = source.current?.reader;
    if (reader !== undefined && !this.#turns.has(reader)) this.#due.add(source);
  }

  #queueTarget(target: Target, nowMs: number): void {
    const { select, view } = target.spec;
    const scan = () => this.#scan(target, this.#clock.monotonicMs());
    // Only folders are listed; an exact path is looked at as a source.
    if (select.kind === "glob" && this.#remote.putOff(target.reach, view, select.folder, nowMs, scan)) return;
    this.#scan(target, nowMs);
  }

  #scan(target: Target, nowMs: number): void {
    if (this.#timer.stopped) return;
    const before = target.sources.size;
    target.scan(nowMs);
    if (target.sources.size !== before || target.firstLook) {
      for (const source of target.sources.values()) this.#due.add(source);
    }
  }

  /** Where does the path lead, is an old generation over, is there anything new. */
  #lookAt(source: SourcePath, nowMs: number): void {
    if (nowMs < source.retryAtMs) return;
    const look = () => {
      if (this.#timer.stopped) return;
      this.#lookNow(source, this.#clock.monotonicMs());
      if (this.#turns.ready) this.#timer.request(0);
    };
    if (this.#remote.putOff(source.reach, source.spec.view, source.path, nowMs, look)) return;
    this.#lookNow(source, nowMs);
  }

  #lookNow(source: SourcePath, nowMs: number): void {
    try {
      const isBusy = source.busy(nowMs, BUSY_FOR_MS);
      if (isBusy) this.#busy.add(source);
      if (!source.poll(nowMs, this.#lookPace.everyMs(isBusy))) return;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      source.retryAtMs = nowMs + RETRY_MS;
      this.#turns.sayFailed(source.path, error);
    }
    for (const { reader } of source.generations.all) this.#turns.add(reader);
  }
}
