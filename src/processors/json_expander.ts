import {
  JSON_DEPTH_MAX,
  type JsonExpandOptions,
  NAME_CHARS_MAX,
  NAMES_CHARS_MAX,
  nestedPath,
} from "./json_expand_options.ts";

/**
 * Expands JSON text as iLogtail does (reference 5.4, 12.8): the plain form, which knows every oddity. The byte
 * flattener takes the ordinary lines and hands all others here; tests compare the two.
 *
 * Lenient on purpose: numbers are any text up to a comma or bracket, text behind the object is not looked at, a
 * comma before the last brace passes, the inside of a value that stays text is not checked. What was read before a
 * syntax error stays.
 */
export class JsonExpander {
  /** Fields of the last call, in the order of the text. */
  readonly keys: string[] = [];
  readonly values: string[] = [];
  readonly #options: JsonExpandOptions;
  #text = "";
  /** Characters that names may still have. */
  #nameChars = 0;

  constructor(options: JsonExpandOptions) {
    this.#options = options;
  }

  /** Reads one object; false on a syntax error, or when its names get too long. */
  expand(text: string): boolean {
    this.#text = text;
    this.keys.length = 0;
    this.values.length = 0;
    this.#nameChars = NAMES_CHARS_MAX + 2 * text.length;
    const ok = this.#object(0, text.length, this.#options.rootPath, 0);
    this.#text = "";
    return ok;
  }

  /** Members of the object in `[i, end)`, whose keys are at level `depth + 1`. */
  #object(i: number, end: number, path: string, depth: number): boolean {
    const text = this.#text;
    i = skipSpace(text, i, end);
    if (text[i] !== "{" || i >= end) return false;
    i = skipSpace(text, i + 1, end);
    while (i < end && text[i] === '"') {
      const keyEnd = stringEnd(text, i + 1, end);
      const key = keyEnd < 0 ? null : unescape(text.slice(i + 1, keyEnd));
      if (key === null) return false;
      i = skipSpace(text, keyEnd + 1, end);
      if (i >= end || text[i] !== ":") return false;
      i = skipSpace(text, i + 1, end);
      const valueEnd = this.#valueEnd(i, end);
      if (valueEnd < 0) return false;
      const name = nestedPath(this.#options, path, depth + 1, key);
      if (!this.#take(name) || !this.#value(i, valueEnd, name, depth + 1)) return false;
      i = skipSpace(text, valueEnd, end);
      if (i >= end) return false;
      if (text[i] === "}") return true;
      if (text[i] !== ",") return false;
      i = skipSpace(text, i + 1, end);
    }
    return i < end && text[i] === "}";
  }

  /** A value that ends where it should; false when something inside an expanded object is wrong. */
  #value(begin: number, end: number, path: string, depth: number): boolean {
    const first = this.#text[begin];
    const expands = depth !== this.#options.expandDepth && depth < JSON_DEPTH_MAX;
    if (first === "{" && expands) return this.#object(begin, end, path, depth);
    if (first === "[" && expands && this.#options.expandArray) return this.#array(begin, end, path, depth);
    this.#add(begin, end, path);
    return true;
  }

  /** Whether there is room for one more name. */
  #take(name: string): boolean {
    const chars = this.#options.prefix.length + name.length;
    return chars <= NAME_CHARS_MAX && (this.#nameChars -= chars) >= 0;
  }

  /**
   * Elements add no level; an array inside an array stays text; a broken one ends silently. False only when the names
   * get too long.
   */
  #array(begin: number, end: number, path: string, depth: number): boolean {
    const text = this.#text;
    let i = skipSpace(text, begin + 1, end);
    for (let index = 0; i < end && text[i] !== "]"; index++) {
      const valueEnd = this.#valueEnd(i, end);
      if (valueEnd < 0) return true;
      const name = `${path}[${index}]`;
      if (!this.#take(name)) return false;
      if (text[i] === "{") this.#object(i, valueEnd, name, depth);
      else this.#add(i, valueEnd, name);
      i = skipSpace(text, valueEnd, end);
      if (text[i] !== ",") return true;
      i = skipSpace(text, i + 1, end);
    }
    return true;
  }

  #add(begin: number, end: number, path: string): void {
    const text = this.#text;
    this.keys.push(this.#options.prefix + path);
    if (text[begin] !== '"') this.values.push(text.slice(begin, end));
    else {
      const raw = text.slice(begin + 1, end - 1);
      this.values.push(unescape(raw) ?? raw);
    }
  }

  /** Position behind the value at `i`; -1 if there is none. */
  #valueEnd(i: number, end: number): number {
    const text = this.#text;
    if (i >= end) return -1;
    switch (text[i]) {
      case '"': {
        const close = stringEnd(text, i + 1, end);
        return close < 0 ? -1 : close + 1;
      }
      case "{":
        return blockEnd(text, i, end, "{", "}");
      case "[":
        return blockEnd(text, i, end, "[", "]");
    }
    const wordEnd = nextDelimiter(text, i, end);
    const word = text.slice(i, wordEnd);
    return /^[-0-9]/.test(word) || word === "true" || word === "false" || word === "null" ? wordEnd : -1;
  }
}

function skipSpace(text: string, i: number, end: number): number {
  while (i < end && isSpace(text.charCodeAt(i))) i++;
  return i;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** Position of the quote that closes the string; -1 if none does. */
function stringEnd(text: string, i: number, end: number): number {
  for (; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) return i;
    if (unit === 0x5c) i++;
  }
  return -1;
}

/** Position behind the bracket that pairs with the one at `i`, counting this kind only and skipping strings. */
function blockEnd(text: string, i: number, end: number, open: string, close: string): number {
  let level = 0;
  for (; i < end; i++) {
    const character = text[i];
    if (character === '"') {
      i = stringEnd(text, i + 1, end);
      if (i < 0) return -1;
    } else if (character === open) level++;
    else if (character === close && --level === 0) return i + 1;
  }
  return -1;
}

function nextDelimiter(text: string, i: number, end: number): number {
  while (i < end && !isSpace(text.charCodeAt(i)) && !",}]".includes(text[i])) i++;
  return i;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Decodes escapes; `null` when one is unknown or half of a surrogate pair. Raw control characters pass. */
function unescape(raw: string): string | null {
  if (!raw.includes("\\")) return raw;
  let out = "";
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] !== "\\") {
      out += raw[i];
      continue;
    }
    const letter = raw[++i] ?? "";
    const simple = SIMPLE_ESCAPES[letter];
    if (simple !== undefined) out += simple;
    else {
      const match = letter === "u" ? UNIT_OR_PAIR.exec(raw.slice(i + 1, i + 11)) : null;
      if (match === null) return null;
      out += String.fromCharCode(parseInt(match[1] ?? match[3], 16));
      if (match[1] !== undefined) out += String.fromCharCode(parseInt(match[2], 16));
      i += match[0].length;
    }
  }
  return out;
}

/** What stands behind `\u`: a surrogate pair, or one unit that is no surrogate. */
const UNIT_OR_PAIR =
  /^(?:([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|(?![dD][89a-fA-F])([0-9a-fA-F]{4}))/;
