import { type Shard, shardOf } from "../core/shard.ts";
import type { Follow, FollowSpec, TailPort } from "../core/tailing.ts";

/** What another worker follows. */
const ELSEWHERE: Follow = { finish() {}, resume() {}, close() {}, done: true };

/** The tail of one worker of several: follows what belongs to its part, and leaves the rest to the others. */
export class ShardTail implements TailPort {
  readonly #tail: TailPort;
  readonly #shard: Shard;

  constructor(tail: TailPort, shard: Shard) {
    this.#tail = tail;
    this.#shard = shard;
  }

  follow(spec: FollowSpec): Follow {
    return shardOf(spec, this.#shard.count) === this.#shard.index ? this.#tail.follow(spec) : ELSEWHERE;
  }
}
