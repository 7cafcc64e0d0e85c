import assert from "node:assert/strict";
import { ShardTail } from "../../src/agent/shard_tail.ts";
import { shardOf } from "../../src/core/shard.ts";
import type { Follow, FollowSpec } from "../../src/core/tailing.ts";

Deno.test("ShardTail follows each target in one part only, and what is elsewhere is done", () => {
  const specs = Array.from(
    { length: 20 },
    (_, i) => ({ origin: `id${i}`, pipeline: "p", input: "i#0" } as FollowSpec),
  );
  const count = 3;
  let followed = 0;
  for (let index = 0; index < count; index++) {
    const real = { done: false } as Follow;
    const tail = new ShardTail({ follow: () => real }, { index, count });
    for (const spec of specs) {
      const follow = tail.follow(spec);
      const isMine = shardOf(spec, count) === index;
      assert.equal(follow === real, isMine);
      if (isMine) followed++;
      else {
        follow.finish();
        follow.resume();
        follow.close();
        assert.equal(follow.done, true);
      }
    }
  }
  assert.equal(followed, specs.length);
});
