import type { KeyTable } from "../core/keys.ts";
import { type JsonExpandOptions, NAME_CHARS_MAX, nestedPath } from "./json_expand_options.ts";

/** Keys remembered; above it all are forgotten before the next batch. Hostile lines must not fill the memory. */
const KEYS_MAX = 4096;
/** Keys that share a hash and are remembered: hostile keys must not make a long list to search. */
const SAME_HASH_MAX = 8;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One key at its place in the JSON. */
export interface JsonKey {
  /** As it stands between the quotes; holds no escape. */
  readonly bytes: Uint8Array;
  /** Id of the whole field name. */
  readonly id: number;
  /** Characters of the whole field name; Infinity for one that is too long, which then has no id. */
  readonly nameChars: number;
  /** Place among its siblings, in the order they were first seen. */
  readonly index: number;
  /** Keys below this one, once an object was found there. */
  below: JsonLevel | null;
  readonly path: string;
}

/** The keys of one object. Lines of one program repeat them in the same order: the next key is mostly the next one. */
export interface JsonLevel {
  /** 1 for the keys of the line itself. */
  readonly depth: number;
  readonly path: string;
  readonly keys: JsonKey[];
  readonly byHash: Map<number, JsonKey[]>;
}

/** Field names for paths of JSON keys, without making a string for a key that was seen before. */
export class JsonKeyPaths {
  readonly #table: KeyTable;
  readonly #options: JsonExpandOptions;
  #generation = -1;
  #count = 0;
  #root: JsonLevel;

  constructor(table: KeyTable, options: JsonExpandOptions) {
    this.#table = table;
    this.#options = options;
    this.#root = newLevel(1, options.rootPath);
  }

  /** The keys of the line itself, for one batch: ids are valid until its end. */
  root(): JsonLevel {
    if (this.#generation !== this.#table.generation || this.#count > KEYS_MAX) {
      this.#generation = this.#table.generation;
      this.#count = 0;
      this.#root = newLevel(1, this.#options.rootPath);
    }
    return this.#root;
  }

  /** The key `bytes[begin, end)` of a level; it holds no escape. */
  key(level: JsonLevel, bytes: Uint8Array, begin: number, end: number): JsonKey {
    let hash = 0x811c9dc5;
    for (let i = begin; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const same = level.byHash.get(hash);
    if (same !== undefined) {
      for (let i = 0; i < same.length; i++) {
        const key = same[i];
        if (key.bytes.length === end - begin && startsWith(bytes, begin, key.bytes)) return key;
      }
    }
    return this.#add(level, bytes.slice(begin, end), hash, same);
  }

  /** The level below a key. */
  below(level: JsonLevel, key: JsonKey): JsonLevel {
    return key.below ??= newLevel(level.depth + 1, key.path);
  }

  #add(level: JsonLevel, bytes: Uint8Array, hash: number, same: JsonKey[] | undefined): JsonKey {
    const path = nestedPath(this.#options, level.path, level.depth, decoder.decode(bytes));
    const name = this.#options.prefix + path;
    const fits = name.length <= NAME_CHARS_MAX;
    const id = fits ? this.#table.dynamic(name) : -1;
    const nameChars = fits ? name.length : Infinity;
    const key: JsonKey = { bytes, id, nameChars, index: level.keys.length, below: null, path };
    if (this.#count > KEYS_MAX || (same !== undefined && same.length >= SAME_HASH_MAX)) return key;
    this.#count++;
    level.keys.push(key);
    if (same === undefined) level.byHash.set(hash, [key]);
    else same.push(key);
    return key;
  }
}

/** Whether `bytes` from `at` on begin with `part`. */
export function startsWith(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

function newLevel(depth: number, path: string): JsonLevel {
  return { depth, path, keys: [], byHash: new Map() };
}
