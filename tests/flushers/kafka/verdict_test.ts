import assert from "node:assert/strict";
import { remedyOf, type Verdict, verdictOf } from "../../../src/flushers/kafka/verdict.ts";

/** Numbers and names of the protocol guide's table of error codes. */
const CASES: readonly [number, string, Verdict][] = [
  [0, "NONE", "done"],
  [46, "DUPLICATE_SEQUENCE_NUMBER", "done"],
  [6, "NOT_LEADER_OR_FOLLOWER", "moved"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "moved"],
  [56, "KAFKA_STORAGE_ERROR", "moved"],
  [100, "UNKNOWN_TOPIC_ID", "moved"],
  [17, "INVALID_TOPIC_EXCEPTION", "topic"],
  [29, "TOPIC_AUTHORIZATION_FAILED", "topic"],
  [32, "INVALID_TIMESTAMP", "topic"],
  [87, "INVALID_RECORD", "topic"],
  [10, "MESSAGE_TOO_LARGE", "too_large"],
  [18, "RECORD_LIST_TOO_LARGE", "too_large"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "sequence"],
  [59, "UNKNOWN_PRODUCER_ID", "forgotten"],
  [47, "INVALID_PRODUCER_EPOCH", "identity"],
  [90, "PRODUCER_FENCED", "identity"],
  [7, "REQUEST_TIMED_OUT", "later"],
  [19, "NOT_ENOUGH_REPLICAS", "later"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "later"],
  [-1, "UNKNOWN_SERVER_ERROR", "later"],
  [31_999, "a code of the future", "later"],
];

for (const [code, name, verdict] of CASES) {
  Deno.test(`verdictOf says ${verdict} when the broker says ${name}`, () => {
    assert.equal(verdictOf(code), verdict);
  });
}

Deno.test("remedyOf names a way out for every code that parks a topic, and is silent where time helps", () => {
  for (let code = -1; code < 200; code++) {
    const remedy = remedyOf(code, "orders");
    if (verdictOf(code) === "topic") assert.notEqual(remedy, "", String(code));
    if (verdictOf(code) === "later" && code !== 31) assert.equal(remedy, "", String(code));
    assert.doesNotMatch(remedy, /\.$/);
  }
  assert.match(remedyOf(3, "orders"), /'orders'/);
});
