/** Expanding 1000 application logs of 8 keys: `deno bench tests/bench/processor_json_bench.ts`. */
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import type { Plugin } from "../../src/core/plugin.ts";
import { processorJson } from "../../src/processors/processor_json.ts";
import { testContext } from "../support/plugin_context.ts";
import { makeProcessor } from "../support/run_processors.ts";
import { checkRecord, encodeAll, frame, JSON_LINES } from "./bench_batches.ts";

const context = testContext();
const plugin = processorJson as unknown as Plugin<"processor">;
const base = { SourceKey: "content", KeepSource: false, ExpandConnector: "" };
const oneLevel = await makeProcessor(plugin, { ...base, ExpandDepth: 1 }, context);
const allLevels = await makeProcessor(plugin, base, context);
const plain = await makeProcessor(plugin, { ...base, ExpandDepth: 1, ExpandArray: true }, context);
const envelope = makeEnvelope({ protocol: "sls_json", keys: context.keys });
const cri = frame(context.keys, JSON_LINES), docker = frame(context.keys, JSON_LINES, true);

for (const batch of [cri(), docker()]) {
  oneLevel.process(batch);
  checkRecord(batch, envelope, 321, "message", JSON.parse(JSON_LINES[321]).message);
}

const group = "json, 1000 lines of 8 keys";

Deno.bench("frame, expand one level", { group, baseline: true }, () => {
  oneLevel.process(cri());
});
Deno.bench("frame, expand one level, encode", { group }, () => {
  const batch = cri();
  oneLevel.process(batch);
  encodeAll(batch, envelope);
});
Deno.bench("frame, expand all levels, encode", { group }, () => {
  const batch = cri();
  allLevels.process(batch);
  encodeAll(batch, envelope);
});
Deno.bench("frame docker lines (escaped), expand one level, encode", { group }, () => {
  const batch = docker();
  oneLevel.process(batch);
  encodeAll(batch, envelope);
});
Deno.bench("frame, expand the plain way (text), encode", { group }, () => {
  const batch = cri();
  plain.process(batch);
  encodeAll(batch, envelope);
});
Deno.bench("frame, text and JSON.parse only", { group }, () => {
  const batch = cri();
  for (let record = 0; record < batch.count; record++) JSON.parse(batch.text(batch.first[record]));
});
