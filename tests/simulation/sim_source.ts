import { HEAD_BYTES_MAX, HEAD_BYTES_TELLING } from "../../src/tail/identity.ts";
import { BANNER, type Dice, type Gen, type Rec, recordText } from "./model.ts";
import type { SimDisk } from "./sim_disk.ts";

/** Whom a writer tells what became of its bytes. */
export interface Losses {
  /** Records whose last bytes just went away; `strict`: the agent should have had the file open. */
  vanished(source: SimSource, records: readonly Rec[], why: string): void;
  /** A generation lost its name. */
  unlinked(source: SimSource, gen: Gen): void;
}

/** A program that writes one log: a plain file, or a container's output in CRI form on two streams. */
export class SimSource {
  readonly id: string;
  readonly path: string;
  readonly folder: string;
  readonly format: "lines" | "cri";
  readonly records: Rec[] = [];
  /** Generations that have a name, the writer's first. */
  gens: Gen[] = [];
  stopped = false;
  /** It ended in the middle of something and never runs again. */
  dead = false;
  readonly #disk: SimDisk;
  readonly #dice: Dice;
  /** For what was added later: histories of seeds stay what they were. */
  readonly #more: Dice;
  readonly #hasBanner: boolean;
  readonly #nowMs: () => number;
  readonly #losses: Losses;
  readonly names: "numbers" | "dates";
  readonly #keep: number;
  readonly #longFillMax: number;
  #current: Gen | null = null;
  #writer: { append(content: string | Uint8Array): void } | null = null;
  #seqs = [0, 0];
  /** Unfinished record per stream, and what of its text is still to be written. */
  readonly open: ({ rec: Rec; rest: string } | null)[] = [null, null];
  #rotations = 0;
  /** Of all its files so far. */
  readonly #inodes: Set<number> = new Set();

  constructor(
    id: string,
    format: "lines" | "cri",
    disk: SimDisk,
    dice: Dice,
    more: Dice,
    nowMs: () => number,
    losses: Losses,
    longFillMax: number,
  ) {
    this.#longFillMax = longFillMax;
    this.id = id;
    this.format = format;
    this.folder = `/var/log/${id}`;
    this.path = `${this.folder}/app.log`;
    this.#disk = disk;
    this.#dice = dice;
    this.#more = more;
    this.#hasBanner = more.chance(0.2) && format === "lines";
    this.#nowMs = nowMs;
    this.#losses = losses;
    this.names = dice.chance(0.6) ? "numbers" : "dates";
    this.#keep = 2 + dice.below(3);
    disk.memory.folder(this.folder);
  }

  /** Its files, with the records in each. */
  describe(): string {
    return this.gens.map(({ path, inode, records }) => {
      const keys = records.map((rec) => `${rec.stream}:${rec.seq}`);
      return `${path}=${inode} [${keys[0] ?? ""} … ${keys.at(-1) ?? ""}]`;
    }).join(", ");
  }

  /** One or a few records, sometimes only a part of one. */
  write(): void {
    if (this.stopped) return;
    this.#ensure();
    const stream = this.format === "cri" && this.#dice.chance(0.3) ? 1 : 0;
    const count = this.#dice.chance(0.1) ? 30 : 1 + this.#dice.below(4);
    for (let i = 0; i < count; i++) this.#record(stream);
  }

  /** Writes the rest of what is unfinished. */
  complete(stream = this.#dice.below(2)): void {
    const open = this.open[stream];
    if (open === null || this.stopped) return;
    this.#ensure();
    this.open[stream] = null;
    // Pieces in a rotated file do not wait for ever.
    const rotated = !this.#current!.records.includes(open.rec);
    if (rotated && this.#nowMs() - open.rec.writtenMs >= 4_000) open.rec.torn = true;
    this.#emit(open.rec, open.rest, stream, false);
    open.rec.complete = true;
  }

  /** Rename rotation; the new file appears at once, later, or with the next write. */
  rotate(): void {
    if (this.stopped || this.#current === null || this.#current.path === null) return;
    // A plain line is finished where it was begun.
    if (this.format === "lines") this.complete(0);
    if (this.names === "numbers") {
      const named = [...this.gens].filter((gen) => gen.path !== this.path && gen.path !== null);
      const number = (gen: Gen) => Number(gen.path!.slice(this.path.length + 1));
      for (const gen of named.sort((a, b) => number(b) - number(a))) {
        if (number(gen) >= this.#keep) this.#unlink(gen);
        else this.#rename(gen, `${this.path}.${number(gen) + 1}`);
      }
      this.#rename(this.#current, `${this.path}.1`);
    } else {
      this.#rename(this.#current, this.#datedName());
      const named = this.gens.filter((gen) => gen.path !== null && gen.path !== this.path);
      named.sort((a, b) => (a.path! < b.path! ? -1 : 1));
      while (named.length > this.#keep) this.#unlink(named.shift()!);
    }
    this.#current = null;
    this.#writer = null;
    if (this.#dice.chance(0.7)) this.#ensure();
  }

  /** Copies the content aside and truncates; what is unfinished is torn. `between` runs in the middle. */
  copyTruncate(between: () => void): void {
    if (this.stopped || this.#current === null || this.#current.path === null || this.format === "cri") {
      return;
    }
    if (this.names === "numbers") {
      const named = this.gens.filter((gen) => gen.path !== this.path && gen.path !== null);
      const number = (gen: Gen) => Number(gen.path!.slice(this.path.length + 1));
      for (const gen of named.sort((a, b) => number(b) - number(a))) {
        if (number(gen) >= this.#keep) this.#unlink(gen);
        else this.#rename(gen, `${this.path}.${number(gen) + 1}`);
      }
    }
    const to = this.names === "numbers" ? `${this.path}.1` : this.#datedName();
    const current = this.#current;
    // The copy keeps what there is of it.
    for (const open of this.open) if (open !== null) open.rec.torn = true;
    this.#disk.memory.copy(this.path, to);
    const isMistakable = !this.#disk.memory.tellsBirth &&
      this.#inodes.has(this.#disk.memory.lstat(to)!.inode);
    const copy = this.#track(to);
    copy.records = [...current.records];
    copy.isCopy = true;
    let bytes = 0;
    for (const rec of copy.records) {
      rec.copied = true;
      bytes += rec.text.length + 1;
      if (bytes < HEAD_BYTES_TELLING) rec.untold = true;
      if (isMistakable && bytes < HEAD_BYTES_MAX) rec.mistakable = true;
    }
    between();
    if (this.#current !== current || current.path === null) return;
    this.#tear();
    this.#disk.memory.truncate(this.path);
    const lost = current.records.filter((rec) => !copy.records.includes(rec));
    this.#losses.vanished(this, lost, "written between copy and truncation");
    this.#losses.vanished(this, copy.records, "copied");
    current.records = [];
  }

  /** Cuts the file to nothing, without a copy. */
  truncate(): void {
    if (this.stopped || this.#current === null || this.#current.path === null) return;
    this.#tear();
    this.#disk.memory.truncate(this.path);
    this.#losses.vanished(this, this.#current.records, "truncated");
    this.#cut();
    this.#current.records = [];
  }

  /** Deletes the file; the writer goes on in a new one of the same name. */
  delete(): void {
    if (this.stopped || this.#current === null || this.#current.path === null) return;
    this.#tear();
    this.#unlink(this.#current);
    this.#current = null;
    this.#writer = null;
    if (this.#dice.chance(0.5)) this.#ensure();
  }

  /** Makes the file if there is none. */
  touch(): void {
    this.#ensure();
  }

  /** An empty line, which makes no record. */
  blank(): void {
    if (this.format === "lines" && !this.#tornLine && this.#current?.path === this.path) {
      this.#writer?.append("\n");
    }
  }

  /** A piece without its end may be held for as long as the file is there. */
  get isUnfinished(): boolean {
    return this.records.some((rec) => !rec.complete || rec.torn || rec.cut);
  }

  /** The program ends: what is unfinished stays so. */
  stop(): void {
    this.dead = this.#dice.chance(0.3);
    if (this.dead) this.#tear();
    else for (let s = 0; s < 2; s++) this.complete(s);
    this.stopped = true;
  }

  #tear(): void {
    // A runtime goes on with its pieces wherever the file went.
    if (this.format === "cri" && !this.dead) return;
    for (let s = 0; s < 2; s++) {
      if (this.open[s] !== null) this.open[s]!.rec.torn = true;
      this.open[s] = null;
    }
    // The last byte of a plain file may be in the middle of a line: the next record must not be glued to it.
    if (this.format === "lines" && this.#tornLine) {
      this.#writer?.append("\n");
      this.#tornLine = false;
    }
  }

  /** Nobody knows whether a piece of what is unfinished went with bytes that are gone: pieces arrive one by one then. */
  #cut(): void {
    for (const open of this.open) if (open !== null) open.rec.cut = true;
  }

  #datedName(): string {
    const time = new Date(1_700_000_000_000 + this.#nowMs()).toISOString();
    const stamp = time.replace(/[-:T]/g, "").slice(0, 14);
    return `${this.path}.${stamp}-${String(++this.#rotations).padStart(4, "0")}`;
  }

  #tornLine = false;

  #ensure(): void {
    if (this.#current !== null && this.#writer !== null) return;
    this.#disk.memory.append(this.path, "");
    this.#current = this.#track(this.path);
    this.#writer = this.#disk.memory.writer(this.path);
    if (this.#hasBanner) this.#writer.append(`${BANNER}\n`);
  }

  #track(path: string): Gen {
    const info = this.#disk.memory.lstat(path)!;
    const gen: Gen = {
      inode: info.inode,
      path,
      opens: 0,
      gone: false,
      records: [],
      createdMs: this.#nowMs(),
      isCopy: false,
    };
    this.#inodes.add(gen.inode);
    this.#disk.live.set(gen.inode, gen);
    this.gens.push(gen);
    return gen;
  }

  #rename(gen: Gen, to: string): void {
    this.#disk.memory.rename(gen.path!, to);
    gen.path = to;
  }

  #unlink(gen: Gen): void {
    this.#disk.memory.unlink(gen.path!);
    gen.path = null;
    if (gen.opens === 0) this.#cut();
    for (const rec of gen.records) rec.cut = true;
    this.gens = this.gens.filter((other) => other !== gen);
    this.#disk.settle(gen);
    this.#losses.unlinked(this, gen);
  }

  #record(stream: number): void {
    if (this.open[stream] !== null) this.complete(stream);
    const dice = this.#dice;
    const fill = "x".repeat(dice.chance(0.01) ? dice.below(this.#longFillMax) : dice.below(60));
    const text = recordText(this.id, stream, this.#seqs[stream], fill);
    const rec: Rec = {
      source: this.id,
      stream,
      seq: this.#seqs[stream]++,
      text,
      writtenMs: this.#nowMs(),
      complete: false,
      torn: false,
      cut: false,
      copied: false,
      untold: false,
      mistakable: false,
      excused: new Map(),
    };
    this.records.push(rec);
    if (dice.chance(0.85)) {
      this.#emit(rec, text, stream, false);
      rec.complete = true;
      if (this.format === "lines" && this.#more.chance(0.1)) this.#writer!.append("\n");
      return;
    }
    const cut = 1 + dice.below(text.length - 1);
    this.#emit(rec, text.slice(0, cut), stream, true);
    this.open[stream] = { rec, rest: text.slice(cut) };
  }

  #emit(rec: Rec, text: string, stream: number, partial: boolean): void {
    rec.writtenMs = this.#nowMs();
    const gen = this.#current!;
    if (gen.records.at(-1) !== rec && !gen.records.includes(rec)) gen.records.push(rec);
    if (this.format === "lines") {
      this.#tornLine = partial;
      this.#writer!.append(partial ? text : text + "\n");
      return;
    }
    const time = new Date(1_700_000_000_000 + this.#nowMs()).toISOString();
    const name = stream === 0 ? "stdout" : "stderr";
    this.#writer!.append(`${time} ${name} ${partial ? "P" : "F"} ${text}\n`);
  }
}
