import type { Assertion, Node } from "./ast.ts";
import { ANY, type CharSet } from "./char_set.ts";
import { checkLimits, isRepeatValid, REPEAT_MAX } from "./parse_limits.ts";
import { parseClass, parseClassEscape } from "./parse_class.ts";
import { parseCharEscape } from "./parse_escape.ts";
import { PatternReader } from "./pattern_reader.ts";
import { Re2SyntaxError } from "./syntax_error.ts";
import { foldCase } from "./unicode_sets.ts";

/** What a pattern says; `groupNames[i]` is the name of group i, "" without one, and [0] is the match. */
export interface ParsedPattern {
  readonly root: Node;
  readonly groupNames: readonly string[];
}

interface Flags {
  readonly fold: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

/** An open group: the branch being read, the branches before it, and what its `)` restores. */
interface Frame {
  readonly openedAt: number;
  readonly capture: { index: number; name: string } | undefined;
  readonly flagsOutside: Flags;
  readonly branches: Node[];
  branch: Node[];
}

const NOT_NEWLINE: CharSet = [0, 9, 11, 0x10ffff];
const ESCAPED_ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "textStart",
  b: "wordBoundary",
  B: "notWordBoundary",
  z: "textEnd",
};

/**
 * Reads a pattern of the RE2 dialect as Go's regexp package does (`syntax.Perl` flags); `dotAll` stands
 * for a leading `(?s)`. Throws {@linkcode Re2SyntaxError}.
 */
export function parseRe2(pattern: string, dotAll = false): ParsedPattern {
  return new Parser(pattern, dotAll).parse();
}

class Parser {
  readonly #reader: PatternReader;
  readonly #groupNames = [""];
  readonly #frames: Frame[] = [];
  #flags: Flags;
  #frame: Frame;
  /** Where the repetition operator just read began, -1 after anything else: `a**` is refused. */
  #repeatAt = -1;

  constructor(pattern: string, dotAll: boolean) {
    this.#reader = new PatternReader(pattern);
    this.#flags = { fold: false, multiLine: false, dotAll, ungreedy: false };
    this.#frame = this.#openFrame(0, undefined);
  }

  parse(): ParsedPattern {
    const reader = this.#reader;
    while (!reader.atEnd) {
      const at = reader.at;
      const wasRepeat = this.#parseRepeat();
      if (!wasRepeat) this.#parseOther();
      this.#repeatAt = wasRepeat ? at : -1;
    }
    if (this.#frames.length > 0) {
      throw new Re2SyntaxError("missing closing )", this.#frame.openedAt, reader.pattern);
    }
    const root = closeBranches(this.#frame);
    checkLimits(root, reader.pattern);
    return { root, groupNames: this.#groupNames };
  }

  #parseOther(): void {
    const reader = this.#reader;
    switch (reader.peek()) {
      case "(":
        return this.#openGroup();
      case ")":
        return this.#closeGroup();
      case "|":
        reader.at++;
        this.#frame.branches.push(concat(this.#frame.branch));
        this.#frame.branch = [];
        return;
      case "^":
        reader.at++;
        return this.#push({ type: "assert", at: this.#flags.multiLine ? "lineStart" : "textStart" });
      case "$":
        reader.at++;
        return this.#push({ type: "assert", at: this.#flags.multiLine ? "lineEnd" : "textEnd" });
      case ".":
        reader.at++;
        return this.#push({ type: "set", set: this.#flags.dotAll ? ANY : NOT_NEWLINE });
      case "[":
        return this.#push({ type: "set", set: parseClass(reader, this.#flags.fold) });
      case "\\":
        return this.#parseBackslash();
      default:
        return this.#pushLiteral(reader.take());
    }
  }

  #parseBackslash(): void {
    const reader = this.#reader;
    const start = reader.at;
    const letter = reader.peek(1);
    if (Object.hasOwn(ESCAPED_ASSERTIONS, letter)) {
      reader.at += 2;
      return this.#push({ type: "assert", at: ESCAPED_ASSERTIONS[letter] });
    }
    if (letter === "C") throw new Re2SyntaxError("invalid escape sequence", start, "\\C");
    if (letter === "Q") return this.#parseQuoted();
    const set = parseClassEscape(reader, this.#flags.fold);
    if (set) return this.#push({ type: "set", set });
    this.#pushLiteral(parseCharEscape(reader));
  }

  #parseQuoted(): void {
    const reader = this.#reader;
    reader.at += 2;
    while (!reader.atEnd && !reader.startsWith("\\E")) this.#pushLiteral(reader.take());
    if (!reader.atEnd) reader.at += 2;
  }

  #openGroup(): void {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.peek(1) !== "?") {
      reader.at++;
      return this.#openCapture(start, "");
    }
    const prefix = reader.startsWith("(?P<") ? 4 : reader.startsWith("(?<") ? 3 : 0;
    // RE2 wants at least one character after the bracket before it speaks of a name.
    if (prefix === 0 || reader.at + prefix >= reader.pattern.length) return this.#parseFlags(start);
    const end = reader.pattern.indexOf(">", start);
    if (end < 0) throw new Re2SyntaxError("invalid named capture", start, reader.pattern.slice(start));
    const name = reader.pattern.slice(start + prefix, end);
    if (!/^[A-Za-z0-9_]+$/.test(name)) {
      throw new Re2SyntaxError("invalid named capture", start, reader.pattern.slice(start, end + 1));
    }
    reader.at = end + 1;
    this.#openCapture(start, name);
  }

  #openCapture(start: number, name: string): void {
    const index = this.#groupNames.push(name) - 1;
    this.#frames.push(this.#frame);
    this.#frame = this.#openFrame(start, { index, name });
  }

  /** Reads `(?i)`, `(?i-s:` or `(?:`; the first ends with new flags, the others open a group. */
  #parseFlags(start: number): void {
    const reader = this.#reader;
    reader.at += 2;
    const flags = { ...this.#flags };
    let value = true, sawFlag = false;
    while (!reader.atEnd) {
      const letter = String.fromCodePoint(reader.take());
      if (letter === "i") flags.fold = value;
      else if (letter === "m") flags.multiLine = value;
      else if (letter === "s") flags.dotAll = value;
      else if (letter === "U") flags.ungreedy = value;
      else if (letter === "-" && value) {
        value = sawFlag = false;
        continue;
      } else if ((letter === ":" || letter === ")") && (value || sawFlag)) {
        if (letter === ":") {
          this.#frames.push(this.#frame);
          this.#frame = this.#openFrame(start, undefined);
        }
        this.#flags = flags;
        return;
      } else break;
      sawFlag = true;
    }
    throw new Re2SyntaxError("invalid or unsupported Perl syntax", start, reader.since(start));
  }

  #closeGroup(): void {
    const frame = this.#frame;
    const outer = this.#frames.pop();
    if (!outer) throw new Re2SyntaxError("unexpected )", this.#reader.at, this.#reader.pattern);
    this.#reader.at++;
    this.#flags = frame.flagsOutside;
    this.#frame = outer;
    const body = closeBranches(frame);
    this.#push(frame.capture ? { type: "capture", ...frame.capture, body } : body);
  }

  /** Reads `*`, `+`, `?` or `{m,n}`, each perhaps with `?`; false when the cursor is at none of them. */
  #parseRepeat(): boolean {
    const reader = this.#reader;
    const start = reader.at;
    const match = repeatOperator(reader.pattern, start);
    if (!match) return false;
    const { min, max, length } = match;
    reader.at += length;
    if (min > REPEAT_MAX || (max !== Infinity && (max > REPEAT_MAX || min > max))) {
      throw new Re2SyntaxError("invalid repeat count", start, reader.since(start));
    }
    let lazy = this.#flags.ungreedy;
    if (reader.peek() === "?") {
      reader.at++;
      lazy = !lazy;
    }
    if (this.#repeatAt >= 0) {
      throw new Re2SyntaxError(
        "invalid nested repetition operator",
        this.#repeatAt,
        reader.since(this.#repeatAt),
      );
    }
    const body = this.#frame.branch.pop();
    if (!body) {
      throw new Re2SyntaxError("missing argument to repetition operator", start, reader.since(start));
    }
    const node: Node = { type: "repeat", min, max, lazy, body };
    if (match.counted && (min >= 2 || max >= 2) && !isRepeatValid(node, REPEAT_MAX)) {
      throw new Re2SyntaxError("invalid repeat count", start, reader.since(start));
    }
    this.#push(node);
    return true;
  }

  #push(node: Node): void {
    this.#frame.branch.push(node);
  }

  #pushLiteral(codePoint: number): void {
    const set = [codePoint, codePoint];
    this.#push({ type: "set", set: this.#flags.fold ? foldCase(set) : set });
  }

  #openFrame(openedAt: number, capture: Frame["capture"]): Frame {
    return { openedAt, capture, flagsOutside: this.#flags, branches: [], branch: [] };
  }
}

function concat(parts: Node[]): Node {
  return parts.length === 0 ? { type: "empty" } : parts.length === 1 ? parts[0] : { type: "concat", parts };
}

function closeBranches(frame: Frame): Node {
  const last = concat(frame.branch);
  return frame.branches.length === 0 ? last : { type: "alternate", options: [...frame.branches, last] };
}

const SIMPLE_REPEATS: Readonly<Record<string, readonly [number, number]>> = {
  "*": [0, Infinity],
  "+": [1, Infinity],
  "?": [0, 1],
};
const COUNTED_REPEAT = /\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y;

/** A brace which does not begin a proper count is a literal, as in Perl. */
function repeatOperator(pattern: string, at: number) {
  const operator = pattern.charAt(at);
  if (Object.hasOwn(SIMPLE_REPEATS, operator)) {
    const [min, max] = SIMPLE_REPEATS[operator];
    return { min, max, length: 1, counted: false };
  }
  COUNTED_REPEAT.lastIndex = at;
  const match = operator === "{" ? COUNTED_REPEAT.exec(pattern) : null;
  if (!match) return undefined;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3]);
  // A number with very many digits must not become the "no limit" of `{1,}`.
  const bounded = match[3] !== undefined ? Math.min(max, Number.MAX_SAFE_INTEGER) : max;
  return {
    min: Math.min(min, Number.MAX_SAFE_INTEGER),
    max: bounded,
    length: match[0].length,
    counted: true,
  };
}
