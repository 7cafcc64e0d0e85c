import { gzipSync } from "node:zlib";
import { hostView } from "../support/virtual_host.ts";
import { LINES, RUNTIME, TailWorld, TestOutput } from "../support/tail_world.ts";
import { BANNER, Dice } from "./model.ts";

const FOLDER = "/var/log/pods/p/c";
const PATH = `${FOLDER}/app.log`;
/** What the agent needs to see a file and to hold it open. */
const NOTICE_MS = 3_000;
/** Rotated files that are kept. */
const KEEP = 6;

/** A generation: its name, and the numbers of its lines. */
interface Generation {
  path: string;
  isPacked: boolean;
  numbers: number[];
  madeMs: number;
}

/** Takes so many records at a time, as its room is. */
class Output extends TestOutput {
  recordsMax = Infinity;

  override room(): number {
    return this.got.length < this.recordsMax ? 20_000 : 0;
  }
}

/**
 * A random history of one log whose rotated generations are packed, mostly while the agent is away: as the kubelet does
 * (dated names, the time of packing), as dockerd does (numbers, all at once) and as logrotate does (numbers, the time of
 * the last line). The verifier knows every line.
 */
export class GzSimulation {
  readonly log: string[] = [];
  readonly #dice: Dice;
  readonly #world = new TailWorld();
  readonly #isDated: boolean;
  readonly #isRuntime: boolean;
  readonly #keepsTime: boolean;
  readonly #hasBanner: boolean;
  #generations: Generation[] = [];
  #next = 1;
  #rotations = 0;
  /** Since when the agent runs; `null`: it is away. */
  #upMs: number | null = null;
  #output = new Output();
  readonly #seen: Set<number> = new Set();
  #last = 0;
  /** Acknowledged and saved, so that they must not come again. */
  readonly #settled: Set<number> = new Set();
  #unsettled: number[] = [];
  readonly #excused: Set<number> = new Set();
  readonly #problems: string[] = [];

  constructor(seed: number) {
    const dice = this.#dice = new Dice(seed ^ 0x1f8b);
    this.#isDated = dice.chance(0.5);
    this.#isRuntime = dice.chance(0.5);
    this.#keepsTime = dice.chance(0.5);
    // Dates in lines tell generations apart; two banners without any do not.
    this.#hasBanner = !this.#isRuntime && dice.chance(0.3);
    this.#world.files.reuseInodes = dice.chance(0.7);
  }

  /** Returns what the verifier found. */
  async run(steps = 80): Promise<string[]> {
    this.#write();
    this.#start();
    await this.#pass(1_000);
    for (let step = 0; step < steps; step++) {
      const roll = this.#dice.below(100);
      if (roll < 35) this.#write();
      else if (roll < 55) this.#rotate();
      else if (roll < 70) this.#packSome();
      else if (roll < 85) await this.#crashOrStart();
      else {this.#output.recordsMax = this.#dice.chance(0.5)
          ? Infinity
          : this.#output.got.length + this.#dice.below(300);}
      await this.#pass(this.#dice.pick([20, 150, 1_000, 5_000, 30_000]));
    }
    if (this.#upMs === null) this.#start();
    this.#output.recordsMax = Infinity;
    this.#world.tail.wake();
    await this.#pass(120_000);
    this.#collect();
    for (let number = 1; number < this.#next; number++) {
      if (!this.#seen.has(number) && !this.#excused.has(number)) this.#problems.push(`${number} is lost`);
    }
    return this.#problems;
  }

  get #now(): number {
    return this.#world.clock.monotonicMs();
  }

  get #current(): Generation | undefined {
    return this.#generations.find(({ path }) => path === PATH);
  }

  #write(): void {
    const count = this.#dice.chance(0.05) ? 3_000 : 1 + this.#dice.below(40);
    let current = this.#current;
    if (current === undefined) {
      this.#world.files.write(PATH, this.#hasBanner ? `${BANNER}\n` : "");
      this.#generations.push(current = { path: PATH, isPacked: false, numbers: [], madeMs: this.#now });
    }
    let text = "";
    const time = new Date(this.#world.clock.wallMs()).toISOString();
    for (let i = 0; i < count; i++) {
      // A file of less than 32 bytes cannot be told from others.
      const line = `${this.#next} ${"x".repeat(32 + this.#next % 50)}`;
      text += this.#isRuntime ? `${time} stdout F ${line}\n` : `${line}\n`;
      current.numbers.push(this.#next++);
    }
    this.#world.files.append(PATH, text);
    this.#say(`write up to ${this.#next - 1}`);
  }

  #rotate(): void {
    const current = this.#current;
    if (current === undefined) return;
    if (this.#isDated) {
      const stamp = new Date(this.#world.clock.wallMs()).toISOString().replace(/[-:T]/g, "").slice(0, 14);
      this.#rename(current, `${PATH}.${stamp}-${String(++this.#rotations).padStart(4, "0")}`);
    } else {
      for (let number = this.#generations.length; number > 0; number--) {
        const each = this.#generations.find(({ path }) => path.replace(".gz", "") === `${PATH}.${number}`);
        if (each !== undefined) this.#rename(each, `${PATH}.${number + 1}${each.isPacked ? ".gz" : ""}`);
      }
      this.#rename(current, `${PATH}.1`);
    }
    this.#say("rotate");
    while (this.#generations.length > KEEP) {
      const [oldest] = this.#generations.splice(0, 1);
      this.#world.files.unlink(oldest.path);
      this.#collect();
      for (const number of oldest.numbers) if (!this.#seen.has(number)) this.#excused.add(number);
      this.#say(`delete ${oldest.path}`);
    }
    if (this.#dice.chance(0.7)) this.#write();
  }

  /** Rotated files are packed; while the agent runs, only such that it has had the time to open. */
  #packSome(): void {
    for (const each of this.#generations) {
      if (each.isPacked || each.path === PATH || this.#dice.chance(0.3)) continue;
      if (this.#upMs !== null && this.#now - Math.max(this.#upMs, each.madeMs) < NOTICE_MS) continue;
      const { files } = this.#world;
      const opened = files.open(hostView("/"), each.path);
      if ("refused" in opened) throw new Error(`BUG: '${each.path}' is missing`);
      const { sizeBytes, modifiedMs } = opened.file.info();
      const bytes = new Uint8Array(sizeBytes);
      opened.file.read(bytes, 0, sizeBytes, 0);
      opened.file.close();
      const packed = gzipSync(bytes);
      if (this.#keepsTime) {
        new DataView(packed.buffer, packed.byteOffset).setUint32(4, Math.floor(modifiedMs / 1_000), true);
      }
      files.unlink(each.path);
      files.write(`${each.path}.gz`, packed);
      each.path += ".gz";
      each.isPacked = true;
      this.#say(`pack ${each.path}`);
    }
  }

  async #crashOrStart(): Promise<void> {
    if (this.#upMs === null) return this.#start();
    if (this.#dice.chance(0.5)) await this.#pass(300);
    this.#say("crash");
    this.#world.tail.stopReading();
    this.#collect();
    this.#unsettled = [];
    this.#upMs = null;
  }

  #start(): void {
    this.#say("start");
    this.#upMs = this.#now;
    this.#output = new Output();
    this.#world.restart();
    this.#world.follow(PATH, [this.#output], { framing: this.#isRuntime ? RUNTIME : LINES });
  }

  async #pass(ms: number): Promise<void> {
    await this.#world.clock.run(ms);
    if (this.#upMs === null) return;
    this.#collect();
    // Read within a tenth of a second, acknowledged at once, and saved within another.
    if (ms >= 1_000) { for (const number of this.#unsettled.splice(0)) this.#settled.add(number); }
  }

  /** Looks at what came since the last time. */
  #collect(): void {
    const got = this.#output.got.splice(0).filter((text) => text !== BANNER);
    this.#output.recordsMax -= got.length;
    let last = 0;
    for (const number of got.map((text) => Number.parseInt(text))) {
      if (this.#settled.has(number)) this.#problems.push(`${number} came again, it was settled and saved`);
      else if (!this.#seen.has(number)) {
        if (number < this.#last) this.#problems.push(`${number} came after ${this.#last}`);
        this.#seen.add(number);
        this.#last = number;
        this.#unsettled.push(number);
      } else if (number <= last) this.#problems.push(`${number} came twice in one session`);
      last = number;
    }
  }

  #rename(generation: Generation, to: string): void {
    this.#world.files.rename(generation.path, to);
    generation.path = to;
  }

  #say(text: string): void {
    this.log.push(`${this.#now} ${text}`);
  }
}
