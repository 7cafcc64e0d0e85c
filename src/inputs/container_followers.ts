import type { Container, ContainerSnapshot, Discovery } from "../core/container.ts";
import type { Follow } from "../core/tailing.ts";

/** A container that is followed, and what was known of it when that was last decided. */
interface Followed {
  container: Container;
  follows: readonly Follow[];
  finished: boolean;
}

/**
 * Keeps the containers of the node and the followed ones in step: each snapshot is compared with the last. A
 * container that changed (labels, environment) is judged again: it begins or ends to be followed. One that ended is
 * read to its end, with what was known of it.
 */
export class ContainerFollowers {
  readonly #discovery: Discovery;
  readonly #accepts: (container: Container) => boolean;
  readonly #follow: (container: () => Container) => readonly Follow[];
  readonly #followed: Map<string, Followed> = new Map();
  #unsubscribe: (() => void) | null = null;

  /** `follow` gets the container as a function: tags of later generations come from what is known then. */
  constructor(
    discovery: Discovery,
    accepts: (container: Container) => boolean,
    follow: (container: () => Container) => readonly Follow[],
  ) {
    this.#discovery = discovery;
    this.#accepts = accepts;
    this.#follow = follow;
  }

  start(): void {
    this.#unsubscribe ??= this.#discovery.onSnapshot((snapshot) => this.#apply(snapshot));
    this.#apply(this.#discovery.current());
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  /** Number of containers followed now. */
  get size(): number {
    return this.#followed.size;
  }

  #apply(snapshot: ContainerSnapshot): void {
    for (const container of snapshot.containers.values()) this.#see(container);
    for (const [id, followed] of this.#followed) {
      if (snapshot.containers.has(id)) continue;
      if (!followed.finished) finishAll(followed);
      if (followed.follows.every((follow) => follow.done)) this.#followed.delete(id);
    }
  }

  #see(container: Container): void {
    const known = this.#followed.get(container.id);
    if (known === undefined) {
      if (container.state === "gone" || !this.#accepts(container)) return;
      const followed: Followed = { container, follows: [], finished: false };
      followed.follows = this.#follow(() => followed.container);
      this.#followed.set(container.id, followed);
      if (container.state === "exited") finishAll(followed);
      return;
    }
    const changed = known.container !== container;
    known.container = container;
    if (!changed) return;
    if (container.state !== "running") {
      if (!known.finished) finishAll(known);
    } else if (!this.#accepts(container)) {
      for (const follow of known.follows) follow.close();
      this.#followed.delete(container.id);
    } else if (known.finished) this.#again(known);
    // What was missing for following it (its log path, its layers) may be known now.
    else if (known.follows.length === 0) known.follows = this.#follow(() => known.container);
  }

  /** A container that had ended runs again under the same id. */
  #again(known: Followed): void {
    known.finished = false;
    if (known.follows.length > 0 && known.follows.every((follow) => !follow.done)) {
      for (const follow of known.follows) follow.resume();
      return;
    }
    for (const follow of known.follows) follow.close();
    known.follows = this.#follow(() => known.container);
  }
}

function finishAll(followed: Followed): void {
  followed.finished = true;
  for (const follow of followed.follows) follow.finish();
}
