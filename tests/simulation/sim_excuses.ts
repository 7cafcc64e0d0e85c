import type { Gen, Rec } from "./model.ts";
import type { SimLane } from "./sim_lane.ts";
import type { Losses, SimSource } from "./sim_source.ts";
import { has, keyOf, type Subscription } from "./sim_subscription.ts";

/** What the agent may need to see a new file, from its birth to an open descriptor. */
const NOTICE_MS = 3_000;

/** Which records nobody has to deliver, because nobody could: written into the records, lane by lane, as it happens. */
export class SimExcuses implements Losses {
  /** Records that copytruncate moved and that are to be found in the copy, with the moment. */
  readonly copiedMs: Map<Rec, number> = new Map();
  readonly #subscriptions: readonly Subscription[];
  readonly #sources: () => readonly SimSource[];
  readonly #nowMs: () => number;
  readonly #staysOpen: boolean;
  readonly #says: (line: string) => void;

  /** `staysOpen`: files may be held open, so that a deleted one can still be read. */
  constructor(
    subscriptions: readonly Subscription[],
    sources: () => readonly SimSource[],
    nowMs: () => number,
    staysOpen: boolean,
    says: (line: string) => void,
  ) {
    this.#subscriptions = subscriptions;
    this.#sources = sources;
    this.#nowMs = nowMs;
    this.#staysOpen = staysOpen;
    this.#says = says;
  }

  /** Bytes went away by a truncation. */
  vanished(source: SimSource, records: readonly Rec[], why: string): void {
    if (why !== "copied") { for (const rec of records) rec.cut = true; }
    for (const { lanes, sinceMs } of this.#of(source)) {
      for (const lane of lanes) {
        const missing = records.filter((rec) => !has(lane, rec));
        if (missing.length === 0) continue;
        const strict = why === "copied" && this.#nowMs() - sinceMs >= NOTICE_MS &&
          records.some((rec) => has(lane, rec)) &&
          !source.records.some((rec) => this.copiedMs.has(rec) && !has(lane, rec));
        for (const rec of missing) {
          if (strict) this.copiedMs.set(rec, this.#nowMs());
          else rec.excused.set(lane.name, why);
        }
      }
    }
  }

  /** The last name of a generation went away; whoever has it open may still read it. */
  unlinked(source: SimSource, gen: Gen): void {
    const open = gen.opens > 0;
    this.#says(`    inode ${gen.inode} is deleted, ${open ? "open" : "not open"}`);
    for (const { lanes, sinceMs, select } of this.#of(source)) {
      for (const lane of lanes) {
        // A pattern for the path alone sees nothing beside it before it has seen the path itself.
        const isBlind = select.kind === "glob" && select.name === "app.log" && lane.session.size === 0;
        for (const rec of gen.records) {
          if (has(lane, rec)) continue;
          const noticed = this.#nowMs() - Math.max(sinceMs, rec.writtenMs) >= NOTICE_MS;
          if (!noticed || isBlind || gen.isCopy || !this.#staysOpen) {
            rec.excused.set(lane.name, "deleted before it could be opened");
          }
        }
      }
    }
  }

  /** These records may be missing. */
  excuse(records: readonly Rec[], why: string): void {
    for (const rec of records) {
      rec.cut = true;
      const source = this.#sources().find(({ id }) => id === rec.source)!;
      for (const { lanes } of this.#of(source)) {
        for (const lane of lanes) if (!has(lane, rec)) rec.excused.set(lane.name, why);
      }
    }
  }

  /** One generation's place is lost: a record over a rotation may come in pieces. */
  cutOverRotations(): void {
    for (const { gens, records } of this.#sources()) {
      for (const rec of records) {
        const files = gens.filter((gen) => gen.records.includes(rec));
        if (files.length > 1 || !rec.complete) rec.cut = true;
      }
    }
  }

  /** What was handed over and did not arrive is to be read again, unless its bytes went away meanwhile. */
  forgetTaken(source: SimSource, lane: SimLane): void {
    const there = new Set(source.gens.flatMap(({ records }) => records));
    for (const rec of source.records) {
      if (!lane.taken.has(keyOf(rec)) || lane.delivered.has(keyOf(rec))) continue;
      // A record over a rotation is gone with one of its pieces.
      if (there.has(rec) && !rec.cut) continue;
      rec.excused.set(lane.name, "handed over, not arrived, and gone from the disk");
    }
    lane.taken.clear();
  }

  #of(source: SimSource): Subscription[] {
    return this.#subscriptions.filter((each) => each.source === source);
  }
}
