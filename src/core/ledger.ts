/**
 * Settlements in any order -> the point from which a lane may safely be read again.
 *
 *   file:    ....S1....S2..............R
 *   entries:     [1 settled][2 settled][3 pending][4 settled]
 *   safe:                   ^ resume point of entry 2, the last of the settled prefix
 *
 * A resume point is not one offset: an open stack trace on stderr would pin gigabytes of stdout. It is one offset per
 * stream, `done[s]`: where the record held back on stream s begins, else the end of what was read. Reading again
 * starts at the smallest and skips records of s that begin before `done[s]`.
 */

/** Where reading may begin again. `done` has one offset per stream (1 for plain files, 2 for stdout and stderr). */
export interface Resume {
  readonly done: readonly number[];
}

/** The file offset at which reading starts: the smallest of `done`. */
export function resumeAt(resume: Resume): number {
  let at = resume.done[0];
  for (let i = 1; i < resume.done.length; i++) if (resume.done[i] < at) at = resume.done[i];
  return at;
}

/** One batch in the ledger. Made with one hold, which the turn that opened it releases at its end. */
export class LedgerEntry {
  #pending = 1;
  readonly #ledger: Ledger;
  /** The resume point once everything up to and including this batch is settled. */
  readonly resume: Resume;
  /**
   * The entry of the older generation that a record joined over a rotation also settles, once this one is part of the
   * settled prefix: the older file must not be done while this one would be read again without the record's begin.
   */
  also: LedgerEntry | null = null;

  constructor(ledger: Ledger, resume: Resume) {
    this.#ledger = ledger;
    this.resume = resume;
  }

  /** One more wire batch carries records of this entry. */
  hold(): void {
    if (this.#pending === 0) throw new Error("BUG: a settled ledger entry is held again");
    this.#pending++;
  }

  /** A wire batch was acknowledged, or dropped on purpose with a reason. Never called for a failure. */
  settle(): void {
    if (this.#pending === 0) throw new Error("BUG: a ledger entry is settled once too often");
    if (--this.#pending === 0) this.#ledger.advance();
  }

  /** Nothing holds it any more. */
  get settled(): boolean {
    return this.#pending === 0;
  }
}

/** The entries of one lane in read order. */
export class Ledger {
  #entries: LedgerEntry[] = [];
  #head = 0;
  #safe: Resume;
  readonly #moved: () => void;

  /** Starts at a resume point; `moved` is called whenever `safe` grew. */
  constructor(start: Resume, moved: () => void) {
    this.#safe = start;
    this.#moved = moved;
  }

  /** Everything before this point is delivered, or dropped on purpose. */
  get safe(): Resume {
    return this.#safe;
  }

  /** Number of batches that are not settled, or wait behind one that is not. */
  get openCount(): number {
    return this.#entries.length - this.#head;
  }

  /** Registers the next batch, an empty one too. The caller settles it once at the end of its turn. */
  open(resume: Resume): LedgerEntry {
    const entry = new LedgerEntry(this, resume);
    this.#entries.push(entry);
    return entry;
  }

  /** Called by entries. */
  advance(): void {
    let moved = false;
    while (this.#head < this.#entries.length && this.#entries[this.#head].settled) {
      const entry = this.#entries[this.#head++];
      this.#safe = entry.resume;
      entry.also?.settle();
      moved = true;
    }
    if (!moved) return;
    if (this.#head === this.#entries.length) {
      this.#entries.length = 0;
      this.#head = 0;
    } else if (this.#head >= 64) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
    this.#moved();
  }
}
