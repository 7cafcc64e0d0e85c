import type { SavedLane } from "./checkpoint.ts";

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

/** Who reads by a ledger: can say one of its resume points as it would be stored. */
export interface ResumeOwner {
  /** `null` while there is nothing to store it for; `savedMs` is left to who stores it. */
  savedAt(resume: Resume, savedMs: number): SavedLane | null;
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

  /** How often it is held. */
  get pending(): number {
    return this.#pending;
  }

  /** Whose it is. */
  get ledger(): Ledger {
    return this.#ledger;
  }
}

/** The entries of one lane in read order. */
export class Ledger {
  #entries: LedgerEntry[] = [];
  #head = 0;
  #safe: Resume;
  readonly #moved: () => void;
  readonly owner: ResumeOwner | null;

  /** Starts at a resume point; `moved` is called whenever `safe` grew. */
  constructor(start: Resume, moved: () => void, owner: ResumeOwner | null = null) {
    this.#safe = start;
    this.#moved = moved;
    this.owner = owner;
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

  /**
   * Where `safe` would be if entries had so many holds less; nothing changes. `along` is told of entries of other ledgers
   * that would lose a hold with it.
   */
  safeWithout(
    released: ReadonlyMap<LedgerEntry, number>,
    along: (also: LedgerEntry, by: LedgerEntry) => void,
  ): Resume {
    let safe = this.#safe;
    for (let i = this.#head; i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry.pending > (released.get(entry) ?? 0)) break;
      safe = entry.resume;
      if (entry.also !== null) along(entry.also, entry);
    }
    return safe;
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

/** Where the ledgers of these entries would stand if each entry had so many holds less: what a commit will settle. */
export function resumesWithout(released: Map<LedgerEntry, number>): Map<Ledger, Resume> {
  const resumes = new Map<Ledger, Resume>();
  const counted = new Set<LedgerEntry>();
  const open = new Set<Ledger>();
  for (const entry of released.keys()) open.add(entry.ledger);
  // A set walks over what is added meanwhile, too.
  for (const ledger of open) {
    open.delete(ledger);
    const resume = ledger.safeWithout(released, (also, by) => {
      if (counted.has(by)) return;
      counted.add(by);
      released.set(also, (released.get(also) ?? 0) + 1);
      open.add(also.ledger);
    });
    resumes.set(ledger, resume);
  }
  return resumes;
}
