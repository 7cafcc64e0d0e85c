import assert from "node:assert/strict";
import { isTopicName, parseFieldRef, TopicTemplate } from "../../../src/flushers/kafka/topic_template.ts";

Deno.test("TopicTemplate.parse gives a fixed name when there are no variables", () => {
  const template = TopicTemplate.parse("access-log") as TopicTemplate;
  assert.equal(template.fixed, "access-log");
  assert.equal(template.keyText, "access-log");
});

Deno.test("TopicTemplate.parse refuses what can never be a topic's name", () => {
  for (
    const bad of [
      "",
      "a b",
      "x".repeat(250),
      ".",
      "..",
      "a/%{content.b}",
      "%{app}",
      "%{content.}",
      "%{+yyyy.MM.dd}",
    ]
  ) {
    assert.ok(!(TopicTemplate.parse(bad) instanceof TopicTemplate), bad);
  }
  for (const good of ["%{content.a}", "a.%{tag.k8s.pod.name}_%{content.b c}", "x".repeat(249)]) {
    assert.ok(TopicTemplate.parse(good) instanceof TopicTemplate, good);
  }
});

Deno.test("TopicTemplate.keyText is iLogtail's answer to missing fields, made a name", () => {
  const text = (source: string) => (TopicTemplate.parse(source) as TopicTemplate).keyText;
  assert.equal(text("test_%{content.application}"), "test_content.application");
  assert.equal(text("%{tag.a b}"), "tag.a_b");
});

Deno.test("isTopicName takes what Kafka takes", () => {
  assert.deepEqual(["a", "A.b_c-1", "ä", "", "a/b"].map(isTopicName), [true, true, false, false, false]);
});

Deno.test("parseFieldRef reads both kinds when names contain dots", () => {
  assert.deepEqual(parseFieldRef("tag.k8s.pod.name"), { kind: "tag", name: "k8s.pod.name" });
  assert.deepEqual(parseFieldRef("content.a"), { kind: "content", name: "a" });
  assert.equal(parseFieldRef("user"), null);
});
