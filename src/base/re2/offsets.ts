import { countCaptures, type Node, type RepeatNode } from "./ast.ts";
import { type Alphabet, hasAstral } from "./emit_set.ts";
import { GuardedRegExp } from "./guarded_regexp.ts";
import { asTerm, type EmitMode, emitNode, emitRepeat, type Emitted, join, wrap } from "./translate.ts";

/**
 * How to find out where a piece of the match is, once the pieces before it are placed:
 *
 *     fixed     always as wide as `width`
 *     gap       as wide as the captured text of V8's group `slot`
 *     capture   the user's group `index`, as wide as its `body`
 *     sequence  pieces one after the other
 *     choice    one of the options: the one whose V8 group took part
 *     optional  nothing, or its body, if its V8 group took part
 *     loop      turns, all together as wide as group `slot`; V8's groups inside are those of the last turn,
 *               which ends where the loop ends, so it is placed from its end
 */
type Piece =
  | { readonly kind: "fixed"; readonly width: number }
  | { readonly kind: "gap"; readonly slot: number }
  | { readonly kind: "capture"; readonly index: number; readonly body: Piece }
  | { readonly kind: "sequence"; readonly pieces: readonly Piece[] }
  | { readonly kind: "choice"; readonly options: readonly { slot: number; body: Piece }[] }
  | { readonly kind: "optional"; readonly slot: number; readonly body: Piece }
  | { readonly kind: "loop"; readonly slot: number; readonly body: Piece };

/**
 * Offsets of all groups from the lengths of captures. Every part of varying width becomes a group of V8's,
 * the user's or one of ours; where a group begins is then the sum of the widths before it, and neither the
 * `d` flag (which the linear engine refuses) nor a look at any captured character is needed.
 */
export class OffsetProgram {
  readonly regexp: GuardedRegExp;
  readonly #root: Piece;
  readonly #steps: Int32Array | undefined;

  constructor(root: Node, alphabet: Alphabet) {
    this.regexp = new GuardedRegExp((counted) => offsetSource(root, { alphabet, counted }));
    // Plain and counted sources have the same groups.
    this.#root = new Builder({ alphabet, counted: false }).build(root)[1];
    this.#steps = flatSteps(this.#root);
  }

  /** Writes begin and end of every group, -1 for those which took no part; undefined: ask re2js. */
  run(text: string, out: Int32Array): boolean | undefined {
    const match = this.regexp.exec(text);
    if (!match) return match === null ? false : undefined;
    out[0] = match.index;
    out[1] = match.index + match[0].length;
    if (this.#steps) placeFlat(this.#steps, match, out);
    else {
      out.fill(-1, 2);
      place(this.#root, match, match.index, out);
    }
    return true;
  }
}

/** The V8 source with the additional groups. Throws UntranslatableError. */
export function offsetSource(root: Node, mode: EmitMode): string {
  return new Builder(mode).build(root)[0].source;
}

/**
 * Most patterns are one row of groups and gaps, for which a table is quicker than the tree. A step is three
 * numbers: V8's group (0: none, the width is fixed), the fixed width, the user's group (0: none).
 */
function flatSteps(root: Piece): Int32Array | undefined {
  const steps: number[] = [];
  for (const piece of root.kind === "sequence" ? root.pieces : [root]) {
    const body = piece.kind === "capture" ? piece.body : piece;
    if (body.kind !== "fixed" && body.kind !== "gap") return undefined;
    const index = piece.kind === "capture" ? piece.index : 0;
    steps.push(body.kind === "gap" ? body.slot : 0, body.kind === "fixed" ? body.width : 0, index);
  }
  return Int32Array.from(steps);
}

function placeFlat(steps: Int32Array, match: RegExpExecArray, out: Int32Array): void {
  let at = match.index;
  for (let i = 0; i < steps.length; i += 3) {
    const slot = steps[i], index = steps[i + 2];
    const end = at + (slot === 0 ? steps[i + 1] : match[slot].length);
    if (index !== 0) {
      out[2 * index] = at;
      out[2 * index + 1] = end;
    }
    at = end;
  }
}

/** Writes the groups inside the piece, which begins at `start`; returns its end. */
function place(piece: Piece, match: RegExpExecArray, start: number, out: Int32Array): number {
  switch (piece.kind) {
    case "fixed":
      return start + piece.width;
    case "gap":
      return start + match[piece.slot].length;
    case "capture": {
      const end = place(piece.body, match, start, out);
      out[2 * piece.index] = start;
      out[2 * piece.index + 1] = end;
      return end;
    }
    case "sequence": {
      const { pieces } = piece;
      for (let i = 0; i < pieces.length; i++) start = place(pieces[i], match, start, out);
      return start;
    }
    case "choice":
      for (const option of piece.options) {
        if (match[option.slot] === undefined) continue;
        place(option.body, match, start, out);
        return start + match[option.slot].length;
      }
      throw new Error("BUG: no branch of a matched alternation took part");
    case "optional":
      return match[piece.slot] === undefined ? start : place(piece.body, match, start, out);
    case "loop": {
      const end = start + match[piece.slot].length;
      // A turn is never empty here, so an empty loop had no turn.
      if (end > start) place(piece.body, match, end - widthOf(piece.body, match), out);
      return end;
    }
  }
}

function widthOf(piece: Piece, match: RegExpExecArray): number {
  switch (piece.kind) {
    case "fixed":
      return piece.width;
    case "gap":
    case "loop":
      return match[piece.slot].length;
    case "capture":
      return widthOf(piece.body, match);
    case "sequence":
      return piece.pieces.reduce((sum, part) => sum + widthOf(part, match), 0);
    case "choice":
      for (const { slot } of piece.options) if (match[slot] !== undefined) return match[slot].length;
      throw new Error("BUG: no branch of a matched alternation took part");
    case "optional":
      return match[piece.slot] === undefined ? 0 : match[piece.slot].length;
  }
}

/** Numbers V8's groups in the order of their opening brackets, that is: before their bodies are built. */
class Builder {
  #slots = 0;

  constructor(readonly mode: EmitMode) {}

  build(node: Node): [Emitted, Piece] {
    if (node.type === "capture") {
      const [emitted, body] = this.build(node.body);
      return [wrap("(?:", emitted, ")"), { kind: "capture", index: node.index, body }];
    }
    if (countCaptures(node) === 0) return this.#leaf(node);
    switch (node.type) {
      case "concat":
        return this.#sequence(node.parts);
      case "alternate": {
        const built = node.options.map((option) => this.#grouped(option));
        return [join(built.map(([emitted]) => emitted), "|"), {
          kind: "choice",
          options: built.map(([, slot, body]) => ({ slot, body })),
        }];
      }
      case "repeat":
        return this.#repeat(node);
      default:
        throw new Error("BUG: a leaf with captures");
    }
  }

  #repeat(node: RepeatNode): [Emitted, Piece] {
    if (node.max > 1) {
      const slot = ++this.#slots;
      const [emitted, body] = this.build(node.body);
      return [wrap("(", emitRepeat(node, emitted, this.mode.counted), ")"), { kind: "loop", slot, body }];
    }
    if (node.min === 1) {
      const [emitted, body] = this.build(node.body);
      return [emitRepeat(node, emitted, this.mode.counted), body];
    }
    const [emitted, slot, body] = this.#grouped(node.body);
    return [emitRepeat(node, emitted, this.mode.counted), { kind: "optional", slot, body }];
  }

  #sequence(parts: readonly Node[]): [Emitted, Piece] {
    const built = parts.map((part) => {
      const [emitted, piece] = this.build(part);
      return [asTerm(part, emitted), piece] as const;
    });
    const pieces = built.flatMap(([, piece]) => piece.kind === "sequence" ? piece.pieces : [piece]);
    return [join(built.map(([emitted]) => emitted), ""), { kind: "sequence", pieces }];
  }

  #grouped(node: Node): [Emitted, number, Piece] {
    const slot = ++this.#slots;
    const [emitted, piece] = this.build(node);
    return [wrap("(", emitted, ")"), slot, piece];
  }

  /** No group of the user's inside: either its width is known, or it becomes a group of ours. */
  #leaf(node: Node): [Emitted, Piece] {
    const emitted = asTerm(node, emitNode(node, this.mode));
    const width = fixedWidth(node, this.mode.alphabet);
    if (width !== undefined) return [emitted, { kind: "fixed", width }];
    return [wrap("(", emitted, ")"), { kind: "gap", slot: ++this.#slots }];
  }
}

/** UTF-16 units which every match of the node has, undefined when that varies. */
function fixedWidth(node: Node, alphabet: Alphabet): number | undefined {
  switch (node.type) {
    case "empty":
    case "assert":
      return 0;
    case "set":
      return alphabet === "units" || !hasAstral(node.set) ? 1 : node.set[0] > 0xffff ? 2 : undefined;
    case "concat": {
      const widths = node.parts.map((part) => fixedWidth(part, alphabet));
      return widths.reduce(
        (sum, width) => width === undefined || sum === undefined ? undefined : sum + width,
        0,
      );
    }
    case "alternate": {
      const widths = node.options.map((option) => fixedWidth(option, alphabet));
      return widths.every((width) => width === widths[0]) ? widths[0] : undefined;
    }
    case "repeat": {
      const width = fixedWidth(node.body, alphabet);
      return node.min === node.max && width !== undefined ? node.min * width : undefined;
    }
    case "capture":
      return fixedWidth(node.body, alphabet);
  }
}
