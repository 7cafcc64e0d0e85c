import type { Dice } from "./model.ts";

/** What becomes of one request. */
export type Fate =
  | { readonly kind: "accept" }
  /** Answered with this code; `appended`: the records are in the log all the same. */
  | { readonly kind: "refuse"; readonly code: number; readonly appended: boolean }
  /** The connection ends before or after the records were appended. */
  | { readonly kind: "cut"; readonly appended: boolean }
  /** Nobody answers: the client gives the connection up. */
  | { readonly kind: "silent"; readonly appended: boolean };

/** Every code that a producer may meet, beside those that follow from sequences; see `verdict.ts`. */
export const CODES: readonly number[] = [
  ...[-1, 2, 3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 29, 31, 32, 35, 41, 42, 43, 44, 45],
  ...[47, 49, 53, 56, 58, 59, 72, 74, 75, 76, 87, 89, 90, 100, 999],
];

/** Codes that a broker gives for records that may be in the log already. */
const AFTER_APPEND = [-1, 6, 7, 9, 13, 19, 20, 56];

/** How the cluster behaves at the moment: shares of requests with a fate, and how slow it is. */
export class Weather {
  refused = 0;
  code = 7;
  cut = 0;
  silent = 0;
  delayMsMax = 5;
  /** Batches larger than this are refused. */
  batchBytesMax = Infinity;
  /** Metadata says this of every topic; 0: describes them. */
  topicCode = 0;
  /** Producer ids are refused with this code; 0: given. */
  idCode = 0;
  /** No broker can be reached. */
  isDown = false;

  fate(dice: Dice): Fate {
    const roll = dice.next();
    if (roll < this.cut) return { kind: "cut", appended: dice.chance(0.5) };
    if (roll < this.cut + this.silent) return { kind: "silent", appended: dice.chance(0.5) };
    if (roll >= this.cut + this.silent + this.refused) return { kind: "accept" };
    const appended = dice.chance(0.2);
    return { kind: "refuse", code: appended ? dice.pick(AFTER_APPEND) : this.code, appended };
  }

  /** Another weather, mostly a fair one. Returns what it is, for people. */
  change(dice: Dice): string {
    this.calm();
    const roll = dice.below(20);
    if (roll < 6) return "calm";
    if (roll < 10) {
      this.code = dice.pick(CODES);
      this.refused = dice.pick([0.1, 0.5, 1]);
      return `refuses ${this.refused} with ${this.code}`;
    }
    if (roll < 13) {
      this.cut = dice.pick([0.1, 0.3, 1]);
      return `cuts ${this.cut}`;
    }
    if (roll < 15) {
      this.delayMsMax = dice.pick([50, 400, 1_500]);
      this.silent = dice.pick([0, 0, 0.2]);
      return `slow ${this.delayMsMax}, silent ${this.silent}`;
    }
    if (roll === 15) {
      this.batchBytesMax = dice.pick([300, 600, 2_000]);
      return `limit ${this.batchBytesMax}`;
    }
    if (roll === 16) {
      this.topicCode = dice.pick([3, 5, 17, 29, -1]);
      return `topics ${this.topicCode}`;
    }
    if (roll === 17) {
      this.idCode = dice.pick([14, 15, 31, 41, 53, -1]);
      return `ids ${this.idCode}`;
    }
    if (roll === 18) {
      this.isDown = true;
      return "down";
    }
    this.cut = 0.1;
    this.refused = 0.2;
    this.code = dice.pick(CODES);
    this.delayMsMax = 100;
    return `storm with ${this.code}`;
  }

  calm(): void {
    Object.assign(this, new Weather());
  }
}
