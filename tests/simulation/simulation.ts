import type { CheckpointStore } from "../../src/core/checkpoint.ts";
import type { PathView } from "../../src/core/host.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { PathSelect } from "../../src/core/tailing.ts";
import { openStore } from "../../src/checkpoint/open_store.ts";
import { Tail } from "../../src/tail/tail.ts";
import { OwnLog } from "../../src/telemetry/log.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";
import { glob, LINES, RUNTIME } from "../support/tail_world.ts";
import { hostView, MemoryFiles, VirtualClock } from "../support/virtual_host.ts";
import { Dice } from "./model.ts";
import { plant, type Planted, withoutProof, withoutSiblings } from "./planted.ts";
import { SimClock } from "./sim_clock.ts";
import { SimDisk } from "./sim_disk.ts";
import { SimExcuses } from "./sim_excuses.ts";
import { SimFolder } from "./sim_folder.ts";
import { SimKafka } from "./sim_kafka.ts";
import { SimFlusher, SimLane, SimOutput } from "./sim_lane.ts";
import { isLeftOut, SimNeighbour } from "./sim_neighbour.ts";
import { SimRaces } from "./sim_races.ts";
import { SimSource } from "./sim_source.ts";
import { SimStore } from "./sim_store.ts";
import { has, type Subscription } from "./sim_subscription.ts";
import { verdict } from "./sim_verdict.ts";

/** What a history is played with, beside its seed. */
export interface SimOptions {
  /** A fault that the verifier must find. */
  readonly planted?: Planted | null;
  /** See `TailOptions`. */
  readonly pollsAsMany?: boolean;
  /** The whole agent: real Kafka clients over a model broker, and a real checkpoint store, instead of stand-ins. */
  readonly whole?: boolean;
  /** Programs go on while the agent is amid a look, see {@linkcode SimRaces}; and it is also stopped as it should be. */
  readonly lively?: boolean;
}

/** A random history from one seed, and what was wrong with it. */
export class Simulation {
  readonly seed: number;
  readonly #pollsAsMany: boolean;
  readonly #planted: Planted | null;
  readonly log: string[] = [];
  readonly #dice: Dice;
  /** For what was added later: histories of seeds stay what they were. */
  readonly #more: Dice;
  readonly #clock = new VirtualClock();
  readonly #memory = new MemoryFiles(this.#clock);
  readonly #disk = new SimDisk(this.#memory);
  readonly #store: SimStore = new SimStore(() => this.#clock.wallMs());
  readonly #sources: SimSource[] = [];
  readonly #subscriptions: Subscription[] = [];
  readonly #neighbours: Map<SimSource, SimNeighbour[]> = new Map();
  /** For other programs' files in the same folders. */
  readonly #near: Dice;
  readonly #excuses: SimExcuses;
  #flushers: SimFlusher[] = [];
  #tail: Tail | null = null;
  #life: SimClock | null = null;
  #startedMs = 0;
  #says: (line: string) => void = () => {};
  #isVerbose = false;
  /** Crashes so far. */
  crashes = 0;
  /** The same, and stops. */
  ends = 0;
  readonly #kafka: SimKafka | null;
  readonly #folder: SimFolder | null;
  /** How crashes tear the checkpoint. */
  readonly #tear: Dice;
  readonly #chunkBytes: number | undefined;
  readonly #isSlow: boolean;
  readonly #staysOpen: boolean;
  readonly #races: SimRaces | null;
  /** For stops as they should be; `null`: the agent always crashes. */
  readonly #stops: Dice | null;

  constructor(seed: number, options: SimOptions = {}) {
    const { planted = null, pollsAsMany = false, whole = false, lively = false } = options;
    this.seed = seed;
    this.#kafka = whole
      ? new SimKafka(seed, this.#clock, planted === "saved before the acknowledgement")
      : null;
    this.#folder = whole ? new SimFolder(() => this.#clock.monotonicMs()) : null;
    this.#tear = new Dice(seed ^ 0x7ea2);
    this.#chunkBytes = whole ? new Dice(seed ^ 0xc4a2c).pick([1_024, 2_048, 4_096, 65_536]) : undefined;
    this.#pollsAsMany = pollsAsMany;
    this.#planted = planted;
    if (planted === "an inode number is trusted") {
      this.#store.load = () => withoutProof([...this.#store.rows.values()]);
    }
    this.#dice = new Dice(seed);
    const dice = this.#dice;
    const more = this.#more = new Dice(seed ^ 0x5eed);
    const near = this.#near = new Dice(seed ^ 0xbe51de);
    this.#memory.tellsBirth = near.chance(0.5);
    this.#isSlow = dice.chance(0.15);
    this.#staysOpen = !dice.chance(0.15);
    if (this.#isSlow) this.#memory.remote.add("/var/log");
    // Without a descriptor nothing keeps an inode number from being given to the next file at the same path at once.
    this.#memory.reuseInodes = !dice.chance(0.2) && this.#staysOpen;
    const now = () => this.#clock.monotonicMs();
    this.#excuses = new SimExcuses(
      this.#subscriptions,
      () => this.#sources,
      now,
      this.#staysOpen,
      (line) => this.#says(line),
    );
    this.#store.monotonicMs = now;
    // Several chunks are enough to meet all their boundaries.
    const fillMax = whole ? 10_000 : 60_000;
    for (let i = 0, n = whole ? 2 + (dice.chance(0.2) ? 1 : 0) : 1 + dice.below(3); i < n; i++) {
      const format = dice.chance(0.5) ? "cri" : "lines";
      const source = new SimSource(`s${i}`, format, this.#disk, dice, more, now, this.#excuses, fillMax);
      this.#sources.push(source);
      this.#neighbours.set(source, format === "lines" ? SimNeighbour.some(source, this.#disk, near) : []);
      for (
        let p = 0, pipelines = whole ? 1 + (dice.chance(0.3) ? 1 : 0) : 1 + dice.below(2);
        p < pipelines;
        p++
      ) {
        const flushers = whole ? 1 + (dice.chance(0.4) ? 1 : 0) : 1 + dice.below(2);
        this.#subscriptions.push({
          pipeline: `p${p}`,
          source,
          select: dice.pick<PathSelect>([
            { kind: "exact", path: source.path, excluded: isLeftOut },
            { ...glob(source.folder, "app.log"), excluded: isLeftOut },
            // Nobody follows what a runtime writes by such a pattern: its pieces would be in several sources.
            {
              ...glob(source.folder, format === "cri" ? "app.log" : near.pick(["app.log*", "app*"])),
              excluded: isLeftOut,
            },
          ]),
          lanes: Array.from({ length: flushers }, (_, f) => new SimLane(`p${p}/f${f}/s${i}`, source.id)),
          follow: null,
          sinceMs: Infinity,
        });
      }
    }
    this.#stops = lively && whole ? new Dice(seed ^ 0x570b) : null;
    this.#races = lively
      ? new SimRaces(new Dice(seed ^ 0x7ace5), this.#sources, (line) => this.#says(line))
      : null;
    if (this.#races !== null) this.#disk.meanwhile = (path) => this.#races!.meanwhile(path);
  }

  /** Writes everything down, in the order in which it happens; for one history. */
  verbose(): void {
    const say = (line: string) => void this.log.push(`${this.#now()} ${line}`);
    for (const { lanes } of this.#subscriptions) for (const lane of lanes) lane.said = say;
    this.#says = say;
    this.#isVerbose = true;
    this.#store.said = say;
    this.#kafka?.verbose(say);
    if (this.#folder !== null) this.#folder.said = say;
    say(`slow ${this.#isSlow}, stays open ${this.#staysOpen}, inodes reused ${this.#memory.reuseInodes}`);
    for (const { pipeline, source, select } of this.#subscriptions) {
      say(`${pipeline} follows ${source.id} (${source.format}) by ${JSON.stringify(select)}`);
    }
  }

  /** How many programs write. */
  get sourceCount(): number {
    return this.#sources.length;
  }

  /** Plays `steps` operations, then lets everything settle. Returns what the verifier found. */
  async run(steps = 120): Promise<string[]> {
    const unplant = plant(this.#planted);
    try {
      return await this.#play(steps);
    } finally {
      unplant();
    }
  }

  async #play(steps: number): Promise<string[]> {
    this.#start();
    for (let step = 0; step < steps; step++) {
      this.#races?.arm();
      const stop = this.#operate();
      if (stop !== null) await stop;
      this.#stirNeighbours();
      await this.#pass(this.#someTime());
      if (this.#kafka === null) continue;
      this.#kafka.check();
      if (this.#kafka.problems.length > 0) return this.#kafka.problems;
    }
    await this.#settleAll();
    return verdict({
      subscriptions: this.#subscriptions,
      sources: this.#sources,
      neighbours: this.#neighbours,
      unsettledBytes: this.#tail!.unsettledBytes(),
      openCount: this.#disk.openCount,
      problems: this.#kafka?.problems ?? [],
    });
  }

  // ---- operations -------------------------------------------------------------------------------------------------

  /** Does something; a stop takes its time. */
  #operate(): Promise<void> | null {
    const dice = this.#dice;
    const source = dice.pick(this.#sources);
    const flusher = dice.pick(this.#flushers);
    const roll = dice.below(100);
    if (roll < 40) this.#do(`write ${source.id}`, () => source.write());
    else if (roll < 46) this.#do(`complete ${source.id}`, () => source.complete());
    else if (roll < 56) this.#do(`rotate ${source.id}`, () => source.rotate());
    else if (roll < 58) {
      this.#do(`rotate ${source.id} three times`, () => {
        for (let i = 0; i < 3; i++) {
          source.rotate();
          source.write();
        }
      });
    } else if (roll < 62) {
      this.#do(
        `copytruncate ${source.id}`,
        () => source.copyTruncate(() => dice.chance(0.3) && source.write()),
      );
    } else if (roll < 64) this.#do(`truncate ${source.id}`, () => source.truncate());
    else if (roll < 66) this.#do(`delete ${source.id}`, () => source.delete());
    else if (roll < 86 && this.#kafka !== null) this.#do("stir Kafka", () => this.#kafka!.stir(dice));
    else if (roll < 78) {
      const count = dice.chance(0.3) ? flusher.waiting : 1 + dice.below(3);
      this.#do(
        `ack ${count}`,
        () => flusher.ack(count, (length) => dice.chance(0.5) ? 0 : dice.below(length)),
      );
    } else if (roll < 86) {
      const bytes = dice.pick([0, 0, 100, 2_000, 1 << 20, 1 << 20]);
      this.#do(`room ${bytes}`, () => {
        flusher.roomBytes = bytes;
        this.#tail?.wake();
      });
    } else if (roll < 90) return this.#endOrStart();
    else if (roll < 93) this.#fail(!this.#saved.failing);
    else if (roll < 95) this.#finishOrResume(source);
    else if (roll < 97) this.#followAgain(dice.pick(this.#subscriptions));
    else this.#do("nothing", () => {});
    return null;
  }

  /** Other programs in the same folders, which also begin anew when a log is rotated, and at any other time. */
  #stirNeighbours(): void {
    const all = this.#sources.flatMap((source) => source.stopped ? [] : this.#neighbours.get(source)!);
    if (all.length === 0 || !this.#near.chance(0.4)) return;
    const one = this.#near.pick(all);
    if (this.#near.chance(0.1)) this.#do(`replace ${one.path}`, () => one.replace());
    else this.#do(`write ${one.path}`, () => one.write());
  }

  #do(name: string, job: () => void): void {
    this.log.push(`${this.#now()} ${name}`);
    job();
    if (this.#isVerbose && name !== "nothing") {
      this.#says(this.#sources.map((source) => `    ${source.describe()}`).join("\n"));
    }
  }

  #someTime(): number {
    const roll = this.#dice.next();
    if (this.#kafka !== null) {
      if (roll < 0.75) return this.#dice.below(80);
      return roll < 0.97 ? 150 + this.#dice.below(500) : 2_000 + this.#dice.below(4_000);
    }
    if (roll < 0.6) return this.#dice.below(120);
    return roll < 0.9 ? 200 + this.#dice.below(1_300) : 3_000 + this.#dice.below(5_000);
  }

  #endOrStart(): Promise<void> | null {
    if (this.#tail !== null && this.#stops?.chance(0.5)) return this.#stop(this.#stops);
    this.#crashOrStart();
    return null;
  }

  #crashOrStart(): void {
    if (this.#tail === null) return this.#do("start", () => this.#start());
    this.#do("crash", () => {
      this.crashes++;
      this.#kafka?.check();
      const torn = this.#folder?.crash(this.#tear) ?? "whole";
      if (torn !== "whole") this.#says(`    the checkpoint is ${torn}`);
      if (torn === "flipped") this.#excuses.cutOverRotations();
      const isLost = torn !== "whole" && torn !== "old";
      const cutoff = isLost ? -Infinity : torn === "old" ? this.#folder!.savedMs - 1 : this.#savedUntil();
      this.#endProcess(cutoff, torn !== "whole");
    });
    if (this.#dice.chance(0.6)) this.#do("start", () => this.#start());
  }

  /** SIGTERM, see `Agent.stop`: what is out is acknowledged until the deadline, and all that is settled is saved. */
  async #stop(dice: Dice): Promise<void> {
    const deadlineMs = dice.pick([0, 500, 5_000, 20_000]);
    const tail = this.#tail!;
    const kafka = this.#kafka!;
    this.#do(`stop within ${deadlineMs} ms`, () => tail.stopReading());
    // From now on it notices nothing.
    for (const each of this.#subscriptions) each.sinceMs = Infinity;
    let isDrained = false;
    const endMs = this.#now() + deadlineMs;
    const drained = kafka.drain(deadlineMs).then(() => void (isDrained = true));
    while (!isDrained) {
      await this.#clock.run(dice.below(100));
      if (dice.chance(0.05)) this.#races!.move(dice.pick(this.#sources));
    }
    await drained;
    kafka.check();
    if (this.#now() < endMs && !kafka.isIdle) kafka.problems.push("drained, and not all is acknowledged");
    this.#do("the process ends", () => {
      const isSaved = tail.save();
      if (!isSaved && !this.#saved.failing) kafka.problems.push("nothing was saved at the stop");
      const held = [...this.#disk.nameless()].filter(({ gone }) => !gone);
      tail.close();
      if (!this.#isSlow && this.#disk.openCount > 0) kafka.problems.push("files are open after a stop");
      for (const gen of held) if (gen.gone) this.#excuses.excuse(gen.records, "gone with the process");
      this.#endProcess(isSaved ? this.#now() : this.#savedUntil(), false);
    });
    if (dice.chance(0.6)) this.#do("start", () => this.#start());
  }

  /** Of what was settled until `cutoffMs` nothing may come again; `isTorn`: whatever was said of that before. */
  #endProcess(cutoffMs: number, isTorn: boolean): void {
    this.ends++;
    // What a slow read of the dead process brings is nobody's.
    this.#tail?.stopReading();
    this.#tail = null;
    for (const flusher of this.#flushers) flusher.crash(() => this.#more.chance(0.5));
    this.#kafka?.crash();
    for (const { source, lanes } of this.#subscriptions) {
      for (const lane of lanes) this.#excuses.forgetTaken(source, lane);
    }
    this.#flushers = [new SimFlusher(), new SimFlusher()];
    this.#life?.end();
    for (const gen of this.#disk.crash()) this.#excuses.excuse(gen.records, "gone with the process");
    this.#excuses.excuse([...this.#excuses.copiedMs.keys()], "copied just before the end of the process");
    this.#excuses.copiedMs.clear();
    for (const each of this.#subscriptions) {
      each.follow = null;
      each.sinceMs = Infinity;
      for (const lane of each.lanes) {
        if (isTorn) lane.unsave(cutoffMs);
        lane.newSession(cutoffMs);
      }
    }
  }

  #fail(failing: boolean): void {
    this.#do(`saving ${failing ? "fails" : "works"}`, () => {
      this.#saved.failing = failing;
      if (!failing) this.#saved.healedMs = this.#now();
    });
  }

  #finishOrResume(source: SimSource): void {
    if (!source.stopped) {
      return this.#do(`finish ${source.id}`, () => {
        source.stop();
        for (const each of this.#of(source)) each.follow?.finish();
      });
    }
    if (source.dead) return;
    this.#do(`resume ${source.id}`, () => {
      source.stopped = false;
      for (const each of this.#of(source)) {
        if (this.#tail === null) continue;
        if (each.follow !== null && !each.follow.done) {
          each.follow.resume();
          each.sinceMs = this.#now();
        } else this.#refollow(each);
      }
    });
  }

  #followAgain(each: Subscription): void {
    if (this.#tail === null || each.source.stopped) return;
    this.#do(`follow ${each.pipeline} ${each.source.id} again`, () => this.#refollow(each));
  }

  #refollow(each: Subscription): void {
    const cutoff = this.#savedUntil();
    each.follow?.close();
    // A file without a name is out of reach once this target has closed it.
    for (const gen of this.#disk.nameless()) {
      for (const rec of gen.records) {
        if (rec.source !== each.source.id) continue;
        for (const lane of each.lanes) {
          if (!has(lane, rec)) rec.excused.set(lane.name, "closed with the target");
        }
      }
    }
    for (const lane of each.lanes) lane.newSession(cutoff);
    this.#follow(each);
  }

  /** What refuses to save at times. */
  get #saved(): { failing: boolean; healedMs: number; savedMs: number } {
    return this.#folder ?? this.#store;
  }

  /** The checkpoint as the agent opens it at a start. */
  #openStore(log: OwnLog): CheckpointStore {
    if (this.#folder === null) return this.#store;
    const store = openStore(this.#folder, this.#clock.wallMs(), log);
    if (this.#planted === "an inode number is trusted") {
      const rows = withoutProof(store.load());
      store.load = () => rows;
    }
    return store;
  }

  /** Up to when settlements are on the virtual disk. */
  #savedUntil(): number {
    const now = this.#now();
    const { failing, healedMs, savedMs } = this.#saved;
    return Math.max(savedMs - 1, failing || now < healedMs + 1_500 ? -1 : now - 250);
  }

  // ---- the agent --------------------------------------------------------------------------------------------------

  #start(): void {
    this.#startedMs = this.#now();
    if (this.#startedMs > 0) this.#store.birth = { ...this.#store.birth, kind: "known" };
    this.#flushers = [new SimFlusher(), new SimFlusher()];
    const metrics = new MetricRegistry();
    this.#life?.end();
    const clock = this.#life = new SimClock(this.#clock, this.seed);
    const keys = new KeyTable();
    const log = new OwnLog({
      write: (line) => this.#says(`    ${line.trim()}`),
      clock: this.#clock,
      format: "json",
    });
    let store: CheckpointStore;
    try {
      store = this.#openStore(log);
    } catch (error) {
      // A new store has to be written: whoever starts the agent does so again later.
      this.#says(`    does not start: ${error}`);
      return;
    }
    this.#kafka?.start({ clock, keys, log, metrics, wake: () => this.#tail?.wake() });
    this.#tail = new Tail({
      files: this.#planted === "rotated siblings are skipped"
        ? withoutSiblings(this.#disk.agentFiles())
        : this.#disk.agentFiles(),
      clock,
      keys,
      store,
      log,
      metrics,
      chunkBytes: this.#chunkBytes,
      pace: { turnMs: () => 8, waitMs: () => 0, readingAllowed: () => true },
      fromStart: false,
      heldBytesMax: this.#dice.pick([100, 8 << 20]),
      deletedBytesMax: 1 << 30,
      pollsAsMany: this.#pollsAsMany,
    });
    if (this.#kafka !== null) { for (const { pipeline } of this.#subscriptions) store.firstSeenMs(pipeline); }
    for (const each of this.#subscriptions) {
      if (each.source.stopped && this.#dice.chance(0.5)) continue;
      this.#follow(each);
      if (each.source.stopped) each.follow!.finish();
    }
    this.#tail.start();
  }

  #follow(each: Subscription): void {
    const { pipeline, source, select, lanes } = each;
    const isEarly = this.#planted === "saved before the acknowledgement";
    each.sinceMs = this.#now();
    each.follow = this.#tail!.follow({
      pipeline,
      input: "i",
      flushers: lanes.map((_, i) => `f${i}`),
      origin: "host",
      originCreatedMs: null,
      label: source.id,
      view: this.#view(),
      select,
      framing: source.format === "cri" ? RUNTIME : LINES,
      firstContact: { tailBytesMax: null, written: false },
      open: (path) => ({
        tags: new TagSet([]),
        outputs: lanes.map((lane, i) =>
          this.#kafka?.output(i, pipeline, lane, path) ??
            new SimOutput(lane, path, this.#flushers[i], () => this.#now(), isEarly)
        ),
      }),
    });
  }

  #view(): PathView {
    if (this.#staysOpen) return hostView("/");
    return { id: "c", candidates: (path) => [{ path, mayStayOpen: false }] };
  }

  async #pass(ms: number): Promise<void> {
    if (this.#isSlow) await this.#clock.run(ms);
    else this.#clock.advance(ms);
  }

  // ---- the end ----------------------------------------------------------------------------------------------------

  async #settleAll(): Promise<void> {
    this.#races?.disarm();
    if (this.#saved.failing) this.#fail(false);
    if (this.#tail === null) this.#do("start", () => this.#start());
    for (const source of this.#sources) {
      source.complete(0);
      source.complete(1);
      source.touch();
    }
    for (const each of this.#subscriptions) {
      if (each.follow === null || each.follow.done) this.#refollow(each);
    }
    for (const flusher of this.#flushers) flusher.roomBytes = 1 << 20;
    this.#kafka?.calm();
    this.#do("settle", () => this.#tail!.wake());
    const pauses = this.#kafka === null ? [300, 2_000, 5_000, 70_000, 5_000] : [300, 2_000, 5_000, 8_000];
    for (const ms of pauses) {
      await this.#pass(ms);
      for (const flusher of this.#flushers) flusher.ack(flusher.waiting, () => 0);
      for (const source of this.#sources) source.blank();
    }
    if (this.#kafka === null) return await this.#pass(10_000);
    // Topics that were refused are tried again every 30 s at the latest.
    for (let i = 0; i < 10 && (i === 0 || !this.#kafka.isIdle); i++) await this.#pass(6_000);
    this.#kafka.checkEnd();
    // What was handed over counts no more, only what is in the log.
    for (const { lanes } of this.#subscriptions) for (const lane of lanes) lane.taken.clear();
  }

  #of(source: SimSource): Subscription[] {
    return this.#subscriptions.filter((each) => each.source === source);
  }

  #now(): number {
    return this.#clock.monotonicMs();
  }
}
