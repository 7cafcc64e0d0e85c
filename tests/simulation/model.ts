/** What the simulation knows to be true: every record written, where its bytes lie, and which losses nobody can avoid. */

/** One generation of bytes on the virtual disk. */
export interface Gen {
  inode: number;
  /** Its name now; `null` after unlink. */
  path: string | null;
  /** Descriptors the agent holds. */
  opens: number;
  /** Nothing leads to the bytes any more. */
  gone: boolean;
  records: Rec[];
  /** Made by copytruncate. */
  isCopy: boolean;
  readonly createdMs: number;
}

/** One record: a line, or pieces that make one. */
export interface Rec {
  readonly source: string;
  readonly stream: number;
  readonly seq: number;
  readonly text: string;
  writtenMs: number;
  /** The writer has written all of it. */
  complete: boolean;
  /** A truncation or deletion went through it: fragments may arrive, or nothing. */
  torn: boolean;
  /** A part of it lay in bytes that are gone: after a restart the other part may meet a stranger. */
  cut: boolean;
  /** Copytruncate moved it: which copy is older only names tell. */
  copied: boolean;
  /** Copied while its file was too short to be told from others: whoever looks only afterwards reads it again. */
  untold: boolean;
  /**
   * Copied to a file that got the inode number of an earlier one of the same program, on a disk that does not tell when
   * files were made, and among its first bytes: whoever looks only afterwards takes the copy for that one.
   */
  mistakable: boolean;
  /** Lanes for which its loss is not the agent's fault, with the reason. */
  readonly excused: Map<string, string>;
}

/** What some programs begin every file with: files cannot be told from each other by it. */
export const BANNER = "---- a log of a program, which begins all its files with this line ----";

/** Text with a check sum: `<source>|<stream>|<seq>|<fill>|<sum>`. */
export function recordText(source: string, stream: number, seq: number, fill: string): string {
  const body = `${source}|${stream}|${seq}|${fill}`;
  return `${body}|${sumOf(body)}`;
}

/** Which record a delivered text is; `null` when it is none. */
export function parseText(text: string): { source: string; stream: number; seq: number } | null {
  const cut = text.lastIndexOf("|");
  if (cut < 0 || sumOf(text.slice(0, cut)) !== text.slice(cut + 1)) return null;
  const [source, stream, seq] = text.split("|", 3);
  return { source, stream: Number(stream), seq: Number(seq) };
}

function sumOf(text: string): string {
  let hash = 17;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (hash >>> 0).toString(36);
}

/** A stream of numbers from a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
