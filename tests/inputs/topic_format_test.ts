import assert from "node:assert/strict";
import { compileTopic, compileTopicFormat } from "../../src/inputs/topic_format.ts";
import { testReport } from "../support/plugin_context.ts";

const topic = async (format: string, path: string) =>
  (await compileTopicFormat(format, testReport()))(path).map(({ key, value }) => `${key}=${value}`);

Deno.test("compileTopicFormat joins the groups of the whole path", async () => {
  assert.deepEqual(await topic("/l/(.*)\\.log", "/l/a.log"), ["__log_topic__=a"]);
  assert.deepEqual(await topic("(.*)\\.log", "/l/a.log"), ["__log_topic__=/l/a"]);
  assert.deepEqual(await topic("l/(.*)\\.log", "/l/a.log"), []);
  assert.deepEqual(await topic("/(l)/(x)?.*", "/l/a.log"), [
    "__tag__:__topic_1__=l",
    "__tag__:__topic_2__=",
    "__log_topic__=l_",
  ]);
  assert.deepEqual(await topic("/(?P<dir>\\w+)/.*", "/l/a.log"), ["__tag__:dir=l", "__log_topic__=l"]);
  assert.deepEqual(await topic("/l/.*", "/l/a.log"), [], "no group, no topic");
});

Deno.test("compileTopicFormat leaves a rotation number out", async () => {
  assert.deepEqual(await topic("/l/(.*)", "/l/a.log.8"), ["__log_topic__=a.log"]);
  assert.deepEqual(await topic("/l/(.*)", "/l/a.log.9"), ["__log_topic__=a.log.9"]);
});

Deno.test("compileTopicFormat reports what it cannot do", async () => {
  const report = testReport();
  assert.deepEqual((await compileTopicFormat("(", report))("/a"), []);
  await compileTopicFormat("global_topic", report);
  assert.deepEqual(report.problems, ["error TopicFormat REGEX_INVALID", "warn TopicFormat TOPIC_GLOBAL"]);
});

Deno.test("compileTopic takes the input's format before that of the section global", async () => {
  const of = async (format: string, global: string) => {
    const globals = { timeSource: "clock" as const, tags: [], topicFormat: global };
    return (await compileTopic(format, { globals }, testReport()))("/l/a.log").map(({ value }) => value);
  };
  assert.deepEqual(await of("none", "/l/(.*)"), ["a.log"]);
  assert.deepEqual(await of("", "customized://x"), ["x"]);
  assert.deepEqual(await of("customized://own", "customized://x"), ["own"]);
  assert.deepEqual(await of("none", "none"), []);
});
