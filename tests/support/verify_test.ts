import assert from "node:assert/strict";
import type { ConsumedRecord } from "./kafka_consume.ts";
import { parseMetrics, sumOf } from "./metrics_text.ts";
import { mustRun } from "./process.ts";
import { seedContainer, seedPipelines } from "./seed.ts";
import {
  fateOf,
  numberedLines,
  numberedRecords,
  numberedWriter,
  repeatWindowMs,
  slsFields,
} from "./verify.ts";

/** Records of source `a`, one a millisecond from 1000 on. */
function records(...numbers: number[]): ConsumedRecord[] {
  return numbers.map((number, offset) => {
    const Value = numberedLines("a", number, number).trimEnd();
    const text = JSON.stringify({ Time: 1, Contents: [{ Key: "content", Value }] });
    const value = new TextEncoder().encode(text);
    return { partition: 0, offset, timestampMs: 1000 + offset, key: null, value, headers: [] };
  });
}

Deno.test("fateOf finds nothing wrong when each line came once and in order", () => {
  const fate = fateOf(numberedRecords(records(1, 2, 3)), "a", 3);
  assert.deepEqual(fate, {
    source: "a",
    lines: 3,
    lost: [],
    lostCount: 0,
    disorder: 0,
    repeats: [],
    jumpsBack: 0,
    partitions: 1,
  });
  assert.equal(repeatWindowMs(fate, []), 0);
});

Deno.test("fateOf names lost lines, repeats and disorder when there are any", () => {
  const fate = fateOf(numberedRecords(records(1, 2, 4, 3, 2, 3, 6)), "a", 6);
  assert.deepEqual(fate.lost, [5]);
  assert.equal(fate.disorder, 1);
  assert.deepEqual(fate.repeats.map((repeat) => repeat.number), [2, 3]);
  assert.equal(fate.jumpsBack, 2);
  assert.equal(repeatWindowMs(fate, [1004]), 3);
  assert.throws(() => repeatWindowMs(fate, [1009]), /without any kill/);
});

Deno.test("numberedRecords refuses a line when its filling is not the number's", () => {
  const [record] = records(5);
  record.value = new TextEncoder().encode(new TextDecoder().decode(record.value!).replace("5555", "555"));
  assert.throws(() => numberedRecords([record]), /damaged/);
});

Deno.test("numberedWriter writes what numberedLines says when a shell runs it", async () => {
  const script = numberedWriter({ source: "w", bursts: 3, perBurst: 5, pauseSeconds: 0 });
  assert.equal(await mustRun(["sh", "-c", script]), numberedLines("w", 1, 15));
});

Deno.test("slsFields throws when an event has another form", () => {
  assert.throws(() => slsFields('{"Contents":[],"Time":1}'));
  assert.throws(() => slsFields('{"Time":"1","Contents":[]}'));
  assert.throws(() => slsFields('{"Time":1,"Contents":[{"Key":"a","Value":1}]}'));
});

Deno.test("seedPipelines gives the tutorial's files when the brokers are filled in", () => {
  const both = seedPipelines("ilogtail-user-configmap.yaml", "127.0.0.1:9");
  assert.deepEqual(Object.keys(both), ["nginx_stdout", "nginx_stderr"]);
  assert.match(both.nginx_stderr, /K8sPodRegex: "\^\(nginx-\.\*\)\$"\n/);
  assert.match(both.nginx_stderr, /Brokers:\n {6}- 127\.0\.0\.1:9\n/);
  assert.match(
    seedPipelines("ilogtail-user-configmap-processor.yaml", "b:1").nginx_stdout,
    /Regex: '\(\[\\d\\\.:\]\+\) - /,
  );
  assert.match(
    seedPipelines("ilogtail-user-configmap-json.yaml", "b:1").json_log,
    /- b:1\n {4}Topic: json-log/,
  );
  assert.equal(seedContainer("json-log-deployment.yaml").image, "docker.io/library/alpine:3.9.6");
});

Deno.test("parseMetrics reads labels when values hold quotes and braces", () => {
  const samples = parseMetrics('# HELP x y\nx{a="1",b="q\\"}"} 2\nx{a="2"} 3\ny 4e2\n');
  assert.equal(sumOf(samples, "x"), 5);
  assert.equal(sumOf(samples, "x", { b: 'q"}' }), 2);
  assert.equal(sumOf(samples, "y"), 400);
});
