/**
 * A map that has one entry almost always. An empty `Map` takes 220 bytes, and there are several for each of a thousand
 * open files; this one makes a `Map` with its second key only. Keys are not undefined.
 */
export class FewMap<K, V> {
  #key: K | undefined = undefined;
  #value: V | undefined = undefined;
  #more: Map<K, V> | null = null;

  get(key: K): V | undefined {
    return key === this.#key ? this.#value : this.#more?.get(key);
  }

  set(key: K, value: V): void {
    if (this.#key === undefined || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#more ??= new Map();
      this.#more.set(key, value);
    }
  }

  /** In the order in which their keys came first. */
  values(): V[] {
    return this.#key === undefined ? [] : [this.#value as V, ...this.#more?.values() ?? []];
  }
}
