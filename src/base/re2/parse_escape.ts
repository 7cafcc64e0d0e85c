import { CODE_POINT_MAX } from "./char_set.ts";
import type { PatternReader } from "./pattern_reader.ts";
import { Re2SyntaxError } from "./syntax_error.ts";

const C_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/**
 * Reads an escape which stands for one character, the cursor being on its backslash: `\n`, `\.`, `\x41`,
 * `\x{1F600}`, `\0`, `\07`, `\123`. One digit other than 0 would be a back-reference and is refused.
 */
export function parseCharEscape(reader: PatternReader): number {
  const start = reader.at;
  reader.at++;
  if (reader.atEnd) throw new Re2SyntaxError("trailing backslash at end of expression", start, "");
  const letter = String.fromCodePoint(reader.take());
  const code = letter.codePointAt(0)!;
  const value = letter >= "0" && letter <= "7"
    ? octalEscape(reader, letter)
    : letter === "x"
    ? hexEscape(reader)
    : Object.hasOwn(C_ESCAPES, letter)
    ? C_ESCAPES[letter]
    : code < 0x80 && !/[A-Za-z0-9]/.test(letter)
    ? code
    : undefined;
  if (value === undefined) throw new Re2SyntaxError("invalid escape sequence", start, reader.since(start));
  return value;
}

function octalEscape(reader: PatternReader, first: string): number | undefined {
  if (first !== "0" && !/[0-7]/.test(reader.peek())) return undefined;
  let value = Number(first);
  for (let digits = 1; digits < 3 && /[0-7]/.test(reader.peek()); digits++) {
    value = value * 8 + Number(reader.peek());
    reader.at++;
  }
  return value;
}

function hexEscape(reader: PatternReader): number | undefined {
  if (reader.atEnd) return undefined;
  if (reader.peek() === "{") return bracedHex(reader);
  const high = hexDigit(reader);
  const low = reader.atEnd ? undefined : hexDigit(reader);
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function bracedHex(reader: PatternReader): number | undefined {
  reader.at++;
  let value: number | undefined;
  while (!reader.atEnd) {
    if (reader.peek() === "}") {
      reader.at++;
      return value;
    }
    const digit = hexDigit(reader);
    if (digit === undefined) return undefined;
    value = (value ?? 0) * 16 + digit;
    if (value > CODE_POINT_MAX) return undefined;
  }
  return undefined;
}

/** Takes one character, also when it is no hex digit: RE2's message shows it. */
function hexDigit(reader: PatternReader): number | undefined {
  const digit = String.fromCodePoint(reader.take());
  return /^[0-9A-Fa-f]$/.test(digit) ? parseInt(digit, 16) : undefined;
}
