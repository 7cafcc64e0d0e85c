/** Those who want to be told, each of them whatever the others do. */
export class Subscribers<T> {
  readonly #all: Set<(value: T) => void> = new Set();
  readonly #failed: (error: unknown) => void;

  /** `failed` is told when one of them throws. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Returns the way to unsubscribe. */
  add(callback: (value: T) => void): () => void {
    // A wrapper, so that the same function may subscribe twice and each unsubscribe ends its own.
    const subscriber = (value: T) => callback(value);
    this.#all.add(subscriber);
    return () => {
      this.#all.delete(subscriber);
    };
  }

  tell(value: T): void {
    for (const subscriber of [...this.#all]) {
      try {
        subscriber(value);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  clear(): void {
    this.#all.clear();
  }
}
