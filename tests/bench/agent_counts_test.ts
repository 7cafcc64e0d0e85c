import assert from "node:assert/strict";
import { parseMetrics } from "../support/metrics_text.ts";
import { AnswerTimes } from "./agent_counts.ts";

Deno.test("AnswerTimes gives the bound within which a part of the answers came", () => {
  const times = new AnswerTimes(parseMetrics([
    'denotail_kafka_answers_total{client="a",within="20 ms"} 9',
    'denotail_kafka_answers_total{client="a",within="5 ms"} 80',
    'denotail_kafka_answers_total{client="b",within="5 ms"} 10',
    'denotail_kafka_answers_total{client="b",within="longer"} 1',
    'denotail_kafka_batches_total{client="b"} 7',
  ].join("\n")));
  assert.equal(times.count, 100);
  assert.deepEqual([0.5, 0.9, 0.91, 0.99, 1].map((part) => times.within(part)), [5, 5, 20, 20, Infinity]);
});

Deno.test("AnswerTimes of an agent that got no answer promises nothing", () => {
  assert.equal(new AnswerTimes([]).within(0.99), Infinity);
});
