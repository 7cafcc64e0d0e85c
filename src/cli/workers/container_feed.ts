import type { Container, ContainerSnapshot } from "../../core/container.ts";
import { type Shard, shardOfContainer } from "../../core/shard.ts";
import type { ContainerChange } from "./messages.ts";

/** What one worker was told of the containers, and what it has to be told next. */
export class ContainerFeed {
  readonly #shard: Shard;
  #told: ReadonlyMap<string, Container> = new Map();
  #last: ContainerSnapshot | null = null;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  /** `null`: nothing of this snapshot is news for the worker. */
  next(snapshot: ContainerSnapshot): ContainerChange | null {
    const { complete, runtimes } = snapshot;
    const mine = new Map<string, Container>();
    const changed: Container[] = [];
    for (const [id, container] of snapshot.containers) {
      if (shardOfContainer(id, this.#shard.count) !== this.#shard.index) continue;
      mine.set(id, container);
      if (this.#told.get(id) !== container) changed.push(container);
    }
    const gone = [...this.#told.keys()].filter((id) => !mine.has(id));
    const isSame = changed.length === 0 && gone.length === 0 && this.#last !== null &&
      this.#last.complete === complete;
    this.#told = mine;
    this.#last = snapshot;
    return isSame ? null : { changed, gone, complete, runtimes };
  }
}
