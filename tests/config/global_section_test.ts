import assert from "node:assert/strict";
import { checkGlobals, pipelineGlobals } from "../../src/config/global_section.ts";
import { testReport } from "../support/plugin_context.ts";

Deno.test("pipelineGlobals keeps the order of tags", () => {
  assert.deepEqual(pipelineGlobals({ TimeSource: "record", Tags: { z: "1", a: "2" } }), {
    timeSource: "record",
    tags: [{ name: "z", value: "1" }, { name: "a", value: "2" }],
    topicFormat: "none",
  });
  assert.deepEqual(pipelineGlobals({}), { timeSource: "clock", tags: [], topicFormat: "none" });
});

Deno.test("pipelineGlobals gives the topic as an input's TopicFormat says it", () => {
  const cases: [object, string][] = [
    [{ TopicType: "none", TopicFormat: "a" }, "none"],
    [{ TopicType: "default" }, "none"],
    [{ TopicType: "filepath", TopicFormat: "/l/(.*)" }, "/l/(.*)"],
    [{ TopicType: "filepath" }, "none"],
    [{ TopicType: "filepath", TopicFormat: "(" }, "none"],
    [{ TopicType: "custom", TopicFormat: "orders" }, "customized://orders"],
    [{ TopicType: "custom", TopicFormat: "customized://orders" }, "customized://orders"],
    [{ TopicType: "machine_group_topic", TopicFormat: "group" }, "customized://group"],
    [{ TopicType: "machine_group_topic" }, "none"],
  ];
  for (const [values, expected] of cases) {
    assert.equal(pipelineGlobals({ ...values }).topicFormat, expected, JSON.stringify(values));
  }
});

Deno.test("checkGlobals says what of a topic cannot work", () => {
  const found = (values: object) => {
    const report = testReport();
    checkGlobals({ TopicType: "none", ...values }, report);
    return report.problems;
  };
  assert.deepEqual(found({}), []);
  assert.deepEqual(found({ TopicType: "filepath", TopicFormat: "/l/(.*)" }), []);
  assert.deepEqual(found({ TopicType: "custom", TopicFormat: "(" }), []);
  assert.deepEqual(found({ TopicFormat: "a" }), ["warn TopicFormat TOPIC_NO_TYPE"]);
  assert.deepEqual(found({ TopicType: "custom" }), ["error TopicFormat TOPIC_NO_FORMAT"]);
  assert.deepEqual(found({ TopicType: "filepath", TopicFormat: "(" }), ["error TopicFormat CONFIG_REGEX"]);
  assert.deepEqual(found({ TopicType: "machine_group_topic" }), ["warn TopicType TOPIC_GLOBAL"]);
});
