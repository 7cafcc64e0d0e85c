/** After so many times of being empty the queue forgets who stood in it. */
const FORGET_AFTER = 100;

/**
 * A queue in which each item stands once. Taking and adding cost the same with ten thousand items as with one, and
 * leave no garbage: a queue that fills and empties ten times a second would let the heap grow.
 */
export class TurnQueue<T> {
  /** Serial number of the place in which an item waits; 0 when it does not wait any more, but may come again soon. */
  readonly #serials: Map<T, number> = new Map();
  /** Waiting items are `#items[#head, #end)`; the first of them has the serial number `#first`. */
  readonly #items: (T | undefined)[] = [];
  #head = 0;
  #end = 0;
  #first = 1;
  #size = 0;
  #emptied = 0;

  get size(): number {
    return this.#size;
  }

  has(item: T): boolean {
    return (this.#serials.get(item) ?? 0) !== 0;
  }

  /** Puts it at the end, unless it waits already. */
  add(item: T): void {
    if (this.has(item)) return;
    this.#serials.set(item, this.#first + this.#end - this.#head);
    this.#items[this.#end++] = item;
    this.#size++;
  }

  delete(item: T): void {
    if (this.has(item)) this.#size--;
    this.#serials.delete(item);
  }

  /** The item that waits longest. */
  take(): T | undefined {
    while (this.#head < this.#end) {
      const item = this.#items[this.#head] as T;
      const serial = this.#first++;
      this.#items[this.#head++] = undefined;
      // A deleted item leaves its place behind.
      if (this.#serials.get(item) !== serial) continue;
      this.#serials.set(item, 0);
      this.#size--;
      this.#trim();
      return item;
    }
    this.#trim();
    return undefined;
  }

  clear(): void {
    this.#serials.clear();
    this.#items.length = 0;
    this.#first += this.#end - this.#head;
    this.#head = this.#end = this.#size = 0;
  }

  #trim(): void {
    if (this.#head === this.#end) {
      if (this.#end === 0) return;
      this.#head = this.#end = 0;
      if (++this.#emptied % FORGET_AFTER === 0) this.clear();
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#end) {
      this.#items.copyWithin(0, this.#head, this.#end);
      const waiting = this.#end - this.#head;
      this.#items.fill(undefined, waiting, this.#end);
      this.#head = 0;
      this.#end = waiting;
    }
  }
}
