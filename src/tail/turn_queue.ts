/** A queue in which each item stands once. Taking and adding cost the same with ten thousand items as with one. */
export class TurnQueue<T> {
  readonly #members: Set<T> = new Set();
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#members.size;
  }

  has(item: T): boolean {
    return this.#members.has(item);
  }

  /** Puts it at the end, unless it waits already. */
  add(item: T): void {
    if (this.#members.has(item)) return;
    this.#members.add(item);
    this.#items.push(item);
  }

  delete(item: T): void {
    this.#members.delete(item);
  }

  /** The item that waits longest. */
  take(): T | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head++];
      // A deleted item leaves its place behind, and may stand in the queue again further back.
      if (this.#members.delete(item)) {
        this.#trim();
        return item;
      }
    }
    this.#trim();
    return undefined;
  }

  clear(): void {
    this.#members.clear();
    this.#items = [];
    this.#head = 0;
  }

  #trim(): void {
    if (this.#head === this.#items.length) this.#items = [];
    else if (this.#head < 1024 || this.#head * 2 < this.#items.length) return;
    else this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
