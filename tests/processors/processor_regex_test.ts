import assert from "node:assert/strict";
import fc from "fast-check";
import type { Plugin } from "../../src/core/plugin.ts";
import { TagSet } from "../../src/core/tags.ts";
import { processorRegex } from "../../src/processors/processor_regex.ts";
import { testContext, testReport } from "../support/plugin_context.ts";
import { makeBatch, makeProcessor, PLACES, pluginOptions, readBatch } from "../support/run_processors.ts";

const plugin = processorRegex as unknown as Plugin<"processor">;

Deno.test("processor_regex gives the same fields from any place and in any script", async () => {
  const context = testContext();
  const options = { SourceKey: "content", Regex: "^(.*?)=(.*?);((?:x)(y)?)?", Keys: ["k", "v", "x", "y"] };
  const processor = await makeProcessor(plugin, options, context);
  const part = fc.string({
    unit: fc.constantFrom("a", "é", "中", "😀", '"', "\\", "\n", "\0"),
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      part,
      part,
      fc.constantFrom("", "x", "xy"),
      fc.constantFrom(...PLACES),
      (k, v, end, place) => {
        const batch = makeBatch(context.keys, [[["content", `${k}=${v};${end}`]]], place);
        processor.process(batch);
        const expected = [["k", k], ["v", v]];
        if (end !== "") expected.push(["x", end]);
        if (end === "xy") expected.push(["y", "y"]);
        assert.deepEqual(readBatch(batch), [expected]);
      },
    ),
  );
});

Deno.test("processor_regex makes spans of the source's bytes, no text, when it can", async () => {
  const context = testContext();
  const processor = await makeProcessor(plugin, {
    SourceKey: "content",
    Regex: "(\\S+) (\\S+)",
    Keys: ["a", "b"],
  }, context);
  for (const value of ["one two", "één 中文"]) {
    const batch = makeBatch(context.keys, [[["content", value]]]);
    processor.process(batch);
    assert.equal(batch.texts.length, 0);
    assert.equal(readBatch(batch)[0][1][1], value.split(" ")[1]);
  }
});

Deno.test("processor_regex matches text with U+FFFD when bytes are no UTF-8", async () => {
  const context = testContext();
  const processor = await makeProcessor(
    plugin,
    { SourceKey: "c", Regex: "(.)(b.*)", Keys: ["x", "rest"] },
    context,
  );
  const batch = makeBatch(context.keys, [[["c", { base64: "/2Li" }]]]);
  processor.process(batch);
  assert.deepEqual(readBatch(batch), [[["x", "\ufffd"], ["rest", "b\ufffd"]]]);
});

Deno.test("processor_regex finds its source among the tags", async () => {
  const context = testContext();
  const options = { SourceKey: "_pod_name_", Regex: "^(\\w+)-", Keys: ["deployment"], KeepSource: true };
  const processor = await makeProcessor(plugin, options, context);
  const tags = new TagSet([{ key: "_pod_name_", value: "web-0" }, { key: "t", value: "1" }]);
  const batch = makeBatch(context.keys, [[["content", "x"]]], "arena", tags);
  batch.appendTags(0);
  processor.process(batch);
  assert.deepEqual(readBatch(batch), [[["content", "x"], ["_pod_name_", "web-0"], ["t", "1"], [
    "deployment",
    "web",
  ]]]);
});

Deno.test("processor_regex counts what does not match, and is silent when asked", async () => {
  const records = [[["content", "1"]], [["content", "x"]], [["other", "1"]], [["content", "y"]]] as const;
  for (const [loud, warnings] of [[true, 2], [false, 0]] as const) {
    const context = testContext();
    const options = {
      SourceKey: "content",
      Regex: "(\\d)",
      Keys: ["d"],
      NoMatchError: loud,
      NoKeyError: loud,
    };
    const processor = await makeProcessor(plugin, options, context);
    const batch = makeBatch(context.keys, records);
    processor.process(batch);
    assert.equal(batch.countAlive(), 4);
    assert.equal(context.count("denotail_processor_unparsed_total"), 2);
    assert.equal(context.count("denotail_processor_missing_key_total"), 1);
    assert.equal(context.said.length, warnings);
  }
});

Deno.test("processor_regex reports bad patterns and too few groups when it is built", async () => {
  const build = async (Regex: string, Keys: string[]) => {
    const report = testReport();
    await plugin.create(pluginOptions(plugin, { Regex, Keys }), testContext(), report);
    return report.problems;
  };
  assert.deepEqual(await build("(", ["a"]), ["error Regex REGEX_INVALID"]);
  assert.deepEqual(await build("(a)", ["a", "b"]), ["warn Keys REGEX_FEWER_GROUPS"]);
  assert.deepEqual(await build("(a)", ["a"]), []);
});

Deno.test("processor_regex takes the tutorial's access log apart", async () => {
  const context = testContext();
  const Keys =
    "remote_addr,remote_user,time_local,method,path,protocol,status,body_bytes_sent,http_referer,http_user_agent,http_x_forwarded_for"
      .split(",");
  const processor = await makeProcessor(plugin, {
    SourceKey: "content",
    Regex: String
      .raw`([\d\.:]+) - (\S+) \[(\S+) \S+\] \"(\S+) (\S+) ([^\\"]+)\" (\d+) (\d+) \"([^\\"]*)\" \"([^\\"]*)\" \"([^\\"]*)\"`,
    Keys,
  }, context);
  const line =
    '::1 - - [13/Jul/2022:16:26:19 +0000] "GET /hello/ilogtail HTTP/1.1" 404 153 "-" "curl/7.74.0" "-"';
  for (const place of PLACES) {
    const batch = makeBatch(context.keys, [[["content", line], ["_source_", "stdout"]]], place);
    processor.process(batch);
    const values = [
      "::1",
      "-",
      "13/Jul/2022:16:26:19",
      "GET",
      "/hello/ilogtail",
      "HTTP/1.1",
      "404",
      "153",
      "-",
      "curl/7.74.0",
      "-",
    ];
    assert.deepEqual(readBatch(batch), [[["_source_", "stdout"], ...Keys.map((key, i) => [key, values[i]])]]);
  }
});
