/**
 * Field names of all batches as small integers, so that a record's field is five numbers and an encoder can cache
 * `{"Key":"status","Value":"` once per name.
 *
 * Names that plugins know at load time are permanent. Names found in data (JSON keys) are not: when more than
 * `KEYS_DYNAMIC_MAX` of them were seen, all of those are forgotten before the next batch and `generation` grows, so
 * that hostile data cannot fill the memory and caches know when to forget.
 */
export const KEYS_DYNAMIC_MAX = 8192;

/** Names of one hash that are found by their bytes; further ones (hostile data makes them) are found as text. */
const SAME_HASH_MAX = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** See the module comment. One table per agent. */
export class KeyTable {
  #texts: string[] = [];
  #bytes: Uint8Array[] = [];
  #byText: Map<string, number> = new Map();
  #byHash: Map<number, number[]> = new Map();
  #permanent = 0;
  /** Grows whenever dynamic ids were forgotten; ids below `permanentCount` stay valid. */
  generation = 0;

  /** Ids below this never change their meaning. */
  get permanentCount(): number {
    return this.#permanent;
  }

  /** Number of names known. */
  get size(): number {
    return this.#texts.length;
  }

  /** Id of a name known at load time; stays valid for ever. Forgets dynamic ids, so: not during a batch. */
  permanent(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined && known < this.#permanent) return known;
    this.#forget();
    const id = this.#add(text);
    this.#permanent = this.#texts.length;
    return id;
  }

  /** Id of a name found in data; valid until the end of the batch. */
  dynamic(text: string): number {
    return this.#byText.get(text) ?? this.#add(text);
  }

  /** The same for UTF-8 bytes `bytes[begin, end)`, without making a string when the name is known. */
  dynamicBytes(bytes: Uint8Array, begin: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = begin; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const slot = this.#byHash.get(hash);
    if (slot !== undefined) {
      for (let i = 0; i < slot.length; i++) if (this.isBytes(slot[i], bytes, begin, end)) return slot[i];
    }
    return this.dynamic(decoder.decode(bytes.subarray(begin, end)));
  }

  /** Whether the name with this id is `bytes[begin, end)`. */
  isBytes(id: number, bytes: Uint8Array, begin: number, end: number): boolean {
    const name = this.#bytes[id];
    if (name === undefined || name.length !== end - begin) return false;
    for (let i = 0; i < name.length; i++) if (name[i] !== bytes[begin + i]) return false;
    return true;
  }

  /** The name as text. */
  text(id: number): string {
    return this.#texts[id];
  }

  /** The name as UTF-8. */
  bytes(id: number): Uint8Array {
    return this.#bytes[id];
  }

  /** Called before each batch: forgets dynamic names when there are too many. */
  betweenBatches(): void {
    if (this.#texts.length - this.#permanent > KEYS_DYNAMIC_MAX) this.#forget();
  }

  #add(text: string): number {
    const id = this.#texts.length;
    const bytes = encoder.encode(text);
    this.#texts.push(text);
    this.#bytes.push(bytes);
    this.#byText.set(text, id);
    let hash = 0x811c9dc5;
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const slot = this.#byHash.get(hash);
    if (slot === undefined) this.#byHash.set(hash, [id]);
    else if (slot.length < SAME_HASH_MAX) slot.push(id);
    return id;
  }

  #forget(): void {
    if (this.#texts.length === this.#permanent) return;
    const kept = this.#texts.slice(0, this.#permanent);
    this.#texts = [];
    this.#bytes = [];
    this.#byText = new Map();
    this.#byHash = new Map();
    for (const text of kept) this.#add(text);
    this.generation++;
  }
}
