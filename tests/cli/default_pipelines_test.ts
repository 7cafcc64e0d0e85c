import assert from "node:assert/strict";
import { defaultPipelines, startDestination } from "../../src/cli/default_pipelines.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";
import { expandReferences } from "../../src/config/references.ts";

const texts = (env: Record<string, string>) => Object.values(defaultPipelines((name) => env[name]));

Deno.test("defaultPipelines prints unless brokers are given", () => {
  for (const text of texts({})) assert.match(text, /flushers:\n {2}- Type: flusher_stdout\n$/);
  for (const text of texts({ KAFKA_BROKERS: "a:9092, b:9092" })) {
    assert.match(text, /Brokers:\n {6}- "a:9092"\n {6}- "b:9092"\n {4}Topic: "denotail"\n$/);
  }
});

Deno.test("defaultPipelines writes any topic as that topic", () => {
  const topic = 'a"\n${HOME}: #';
  for (const text of texts({ KAFKA_BROKERS: "a", KAFKA_TOPIC: topic })) {
    const root = readYamlDocument("x.yaml", text).root;
    assert.ok(root?.kind === "map");
    const flushers = root.entries.find((entry) => entry.key === "flushers")?.value;
    assert.ok(flushers?.kind === "list" && flushers.items[0].kind === "map");
    const found = flushers.items[0].entries.find((entry) => entry.key === "Topic")?.value;
    assert.ok(found?.kind === "scalar");
    assert.equal(expandReferences(found.text, { env: () => "/root", readText: () => null }).text, topic);
  }
});

Deno.test("startDestination says where defaultPipelines sends to, however brokers are written", () => {
  const said = (brokers: string) => startDestination((name) => ({ KAFKA_BROKERS: brokers })[name]);
  assert.equal(said(" a:9092,,b:9092\n"), "Kafka at a:9092, b:9092, topic 'denotail'");
  for (const none of ["", " ", ","]) {
    assert.match(said(none), /^standard output /);
    for (const text of texts({ KAFKA_BROKERS: none })) assert.match(text, /flusher_stdout/);
  }
});
