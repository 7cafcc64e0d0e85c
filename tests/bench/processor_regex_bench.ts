/**
 * The tutorial's pattern (11 groups) on 1000 access-log lines:
 * `deno bench --v8-flags=--enable-experimental-regexp-engine,--enable-experimental-regexp-engine-on-excessive-backtracks tests/bench/processor_regex_bench.ts`
 */
import { configureRe2 } from "../../src/base/re2/compile.ts";
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import type { Plugin } from "../../src/core/plugin.ts";
import { processorRegex } from "../../src/processors/processor_regex.ts";
import { testContext } from "../support/plugin_context.ts";
import { makeProcessor } from "../support/run_processors.ts";
import { ACCESS_LINES, checkRecord, encodeAll, frame } from "./bench_batches.ts";

configureRe2({ v8LinearRescue: true });
const context = testContext();
const plugin = processorRegex as unknown as Plugin<"processor">;
const processor = await makeProcessor(plugin, {
  SourceKey: "content",
  Regex: String
    .raw`([\d\.:]+) - (\S+) \[(\S+) \S+\] \"(\S+) (\S+) ([^\\"]+)\" (\d+) (\d+) \"([^\\"]*)\" \"([^\\"]*)\" \"([^\\"]*)\"`,
  Keys: [
    "addr",
    "user",
    "time",
    "method",
    "path",
    "protocol",
    "status",
    "bytes",
    "referer",
    "agent",
    "forwarded",
  ],
}, context);
const envelope = makeEnvelope({ protocol: "sls_json", keys: context.keys });
const chinese = ACCESS_LINES.map((line) => line.replace("index", "首页"));
const forms = {
  "ASCII": frame(context.keys, ACCESS_LINES),
  "Chinese": frame(context.keys, chinese),
  "docker (escaped)": frame(context.keys, ACCESS_LINES, true),
};

for (const [name, make] of Object.entries(forms)) {
  const batch = make();
  processor.process(batch);
  checkRecord(batch, envelope, 321, "path", `/${name === "Chinese" ? "首页" : "index"}/321.html?q=2247`);
  Deno.bench(`frame, match, ${name}`, { group: "regex, 11 groups", baseline: name === "ASCII" }, () => {
    processor.process(make());
  });
  Deno.bench(`frame, match, encode, ${name}`, { group: "regex, 11 groups" }, () => {
    const batch = make();
    processor.process(batch);
    encodeAll(batch, envelope);
  });
}
