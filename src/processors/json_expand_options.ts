/** Options of `processor_json` that decide which fields come out and what they are called. */
export interface JsonExpandOptions {
  /** Level whose nested values stay text; 0: none. */
  readonly expandDepth: number;
  readonly connector: string;
  /** No connector before a key of the first level. */
  readonly ignoreFirstConnector: boolean;
  /** Before every whole key. */
  readonly prefix: string;
  /** What the first level is nested in: the source key, or "". */
  readonly rootPath: string;
  readonly expandArray: boolean;
}

/** Objects nested deeper stay text: a line of braces must not exhaust the stack, nor cost its length squared. */
export const JSON_DEPTH_MAX = 64;

/** Characters of one name. V8 tells texts of more than 16,383 characters apart by their length only: maps of them are lists. */
export const NAME_CHARS_MAX = 8192;

/**
 * Characters of all names that one value may be given beside twice its own length. Each name holds those above it, so
 * a long name over many members would blow a line up to its length squared. Past one of these two limits a value counts
 * as not parsed.
 */
export const NAMES_CHARS_MAX = 1 << 20;

/** Path of a key: `rootPath`, then the keys above it, each behind a connector. */
export function nestedPath(options: JsonExpandOptions, path: string, depth: number, key: string): string {
  const connector = depth === 1 && options.ignoreFirstConnector ? "" : options.connector;
  return path + connector + key;
}
