import assert from "node:assert/strict";
import { parseMetrics, sumOf } from "./metrics_text.ts";
import { seedContainer, seedPipelines } from "./seed.ts";
import { slsFields } from "./verify.ts";

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
