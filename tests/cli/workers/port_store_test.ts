import assert from "node:assert/strict";
import type { FromWorker } from "../../../src/cli/workers/messages.ts";
import { PortStore } from "../../../src/cli/workers/port_store.ts";
import type { SavedLane } from "../../../src/core/checkpoint.ts";
import { RetriableError } from "../../../src/core/errors.ts";

Deno.test("PortStore gives its lanes once, waits for its saves, and knows when pipelines were first seen", () => {
  const posted: FromWorker[] = [];
  const lane = { savedMs: 1 } as SavedLane;
  const birth = { bornMs: 5, kind: "known" } as const;
  let answer = "";
  const link = {
    post: () => assert.fail("a save waits for its answer"),
    ask: (message: FromWorker) => (posted.push(message), answer),
    onMessage() {},
  };
  const store = new PortStore(link, { birth, lanes: [lane] }, 99);
  assert.deepEqual([store.load(), store.load(), store.birth], [[lane], [], birth]);
  store.save([lane], []);
  assert.deepEqual(posted, [{ kind: "save", changed: [lane], removed: [] }]);
  store.firstSeen = new Map([["a", 7]]);
  assert.deepEqual([store.firstSeenMs("a"), store.firstSeenMs("unknown")], [7, 99]);
  assert.equal(store.note(), null);
  answer = "The disk is full";
  assert.throws(
    () => store.save([], []),
    (error) => error instanceof RetriableError && /is full/.test(error.message),
  );
});
