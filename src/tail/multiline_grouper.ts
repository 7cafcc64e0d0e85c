import type { BeginLine, CustomMultiline, JsonMultiline, Multiline } from "../core/framing.ts";

/** What is known of a record that is being put together, between two of its lines. Plain numbers: copied often. */
export interface GroupState {
  /** Lines are pending. */
  open: boolean;
  /** JSON: braces not closed yet, and whether the text ended inside a string or behind a backslash. */
  depth: number;
  inString: boolean;
}

/** A state with nothing pending. */
export function newGroupState(): GroupState {
  return { open: false, depth: 0, inString: false };
}

/** Verdicts of {@linkcode LineGrouper.feed}, to be carried out in this order. */
/** The pending lines are a complete record. */
export const END_BEFORE = 1;
/** The pending lines belong to no record. */
export const UNMATCHED_BEFORE = 2;
/** This line belongs to the pending ones (the first of them if there are none); without it: it is unmatched. */
export const JOIN = 4;
/** The pending lines, this one included, are a complete record. */
export const END_AFTER = 8;

/** Decides which lines belong together. Knows only their text; one per lane, one state per stream. */
export interface LineGrouper {
  /** Bytes of a line that it wants to see; Infinity: all. */
  readonly checkBytes: number;
  readonly discards: boolean;
  /** The next line, without newline; changes the state. */
  feed(state: GroupState, text: string): number;
  /** Whether pending lines are a record when nothing follows; else they are unmatched. */
  readonly endsByItself: boolean;
}

/** The grouper for a mode; `null` for `whole_file`, where nothing is decided by lines. */
export function makeGrouper(multiline: Multiline): LineGrouper | null {
  switch (multiline.mode) {
    case "begin_line":
      return new BeginGrouper(multiline);
    case "json":
      return new JsonGrouper(multiline);
    case "custom":
      return new CustomGrouper(multiline);
    case "whole_file":
      return null;
  }
}

/** `BeginLineRegex`: lines before the first match are a record, too. */
class BeginGrouper implements LineGrouper {
  readonly checkBytes: number;
  readonly discards = false;
  readonly endsByItself = true;
  readonly #mode: BeginLine;

  constructor(mode: BeginLine) {
    this.#mode = mode;
    this.checkBytes = mode.checkBytes;
  }

  feed(state: GroupState, text: string): number {
    const begins = this.#mode.begin.test(text);
    const verdict = begins && state.open ? END_BEFORE | JOIN : JOIN;
    state.open = true;
    return verdict;
  }
}

/** The combinations of reference 4.6; with all three patterns `next` is ignored, `next` alone is no multi-line. */
class CustomGrouper implements LineGrouper {
  readonly checkBytes = Infinity;
  readonly discards: boolean;
  readonly endsByItself: boolean;
  readonly #mode: CustomMultiline;

  constructor(mode: CustomMultiline) {
    this.#mode = mode.start !== null && mode.end !== null ? { ...mode, next: null } : mode;
    this.discards = mode.unmatched === "discard";
    this.endsByItself = mode.end === null;
  }

  feed(state: GroupState, text: string): number {
    const { start, next, end } = this.#mode;
    if (start !== null) return end !== null ? this.#startEnd(state, text) : this.#start(state, text);
    if (end === null) return JOIN | END_AFTER;
    if (end.test(text)) {
      state.open = false;
      return JOIN | END_AFTER;
    }
    if (next === null || next.test(text)) {
      state.open = true;
      return JOIN;
    }
    const verdict = state.open ? UNMATCHED_BEFORE : 0;
    state.open = false;
    return verdict;
  }

  /** A record runs to before the next start line, or to before a line that does not continue it. */
  #start(state: GroupState, text: string): number {
    const { start, next } = this.#mode;
    if (start!.test(text)) {
      const verdict = state.open ? END_BEFORE | JOIN : JOIN;
      state.open = true;
      return verdict;
    }
    if (!state.open) return 0;
    if (next === null || next.test(text)) return JOIN;
    state.open = false;
    return END_BEFORE;
  }

  /** Everything between belongs to the record, another start line too, as in the original's splitter. */
  #startEnd(state: GroupState, text: string): number {
    const { start, end } = this.#mode;
    if (!state.open && !start!.test(text)) return 0;
    state.open = true;
    let verdict = JOIN;
    if (end!.test(text)) {
      state.open = false;
      verdict |= END_AFTER;
    }
    return verdict;
  }
}

/** An object with balanced braces, braces inside strings not counted. A line that begins none is unmatched. */
class JsonGrouper implements LineGrouper {
  readonly checkBytes = Infinity;
  readonly discards: boolean;
  readonly endsByItself = false;

  constructor(mode: JsonMultiline) {
    this.discards = mode.unmatched === "discard";
  }

  feed(state: GroupState, text: string): number {
    if (!state.open) {
      if (!/^\s*\{/.test(text)) return 0;
      state.depth = 0;
      state.inString = false;
    }
    this.#count(state, text);
    state.open = state.depth > 0;
    return state.open ? JOIN : JOIN | END_AFTER;
  }

  #count(state: GroupState, text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (state.inString) {
        if (code === 0x5c) i++;
        else if (code === 0x22) state.inString = false;
      } else if (code === 0x22) state.inString = true;
      else if (code === 0x7b) state.depth++;
      else if (code === 0x7d) state.depth--;
    }
    // A string never spans lines in JSON: a stray quote must not swallow what follows for ever.
    state.inString = false;
  }
}
