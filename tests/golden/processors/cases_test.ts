import assert from "node:assert/strict";
import type { Plugin, Processor } from "../../../src/core/plugin.ts";
import { processorJson } from "../../../src/processors/processor_json.ts";
import { processorRegex } from "../../../src/processors/processor_regex.ts";
import { testContext } from "../../support/plugin_context.ts";
import { type Fields, makeBatch, makeProcessor, PLACES, readBatch, toText } from "../../support/run_processors.ts";

interface Case {
  readonly id: string;
  readonly name: string;
  readonly processors: readonly (Readonly<Record<string, unknown>> & { readonly Type: string })[];
  readonly input: readonly Fields[];
  readonly output?: readonly Fields[];
  readonly load_error?: string;
  readonly alarms?: readonly string[];
}

/** Decided otherwise; docs/differences.md says why, by id. */
const NOT_FOLLOWED = new Set(["regex-064", "json-076"]);

const PLUGINS = new Map<string, Plugin<"processor">>(
  [processorJson, processorRegex].map((plugin) => [plugin.type, plugin as unknown as Plugin<"processor">]),
);

const root = new URL("../../../", import.meta.url);
const lines = (await Deno.readTextFile(new URL("cases.jsonl", import.meta.url))).trim().split("\n");
const cases = lines.slice(1).map((line) => JSON.parse(line) as Case);

async function make(given: Case, context = testContext()): Promise<Processor[]> {
  const made: Processor[] = [];
  for (const written of given.processors) {
    made.push(await makeProcessor(PLUGINS.get(written.Type)!, written, context));
  }
  return made;
}

for (const given of cases) {
  if (NOT_FOLLOWED.has(given.id)) continue;
  Deno.test(`golden ${given.id} comes out as from the original: ${given.name}`, async () => {
    if (given.load_error !== undefined) return void await assert.rejects(make(given));
    const expected = given.output!.map((record) => record.map(([key, value]) => [toText(key), toText(value)]));
    for (const place of PLACES) {
      const context = testContext();
      const processors = await make(given, context);
      const batch = makeBatch(context.keys, given.input, place);
      for (const processor of processors) processor.process(batch);
      assert.deepEqual(readBatch(batch), expected, `values in ${place}`);
      assert.equal(context.said.length > 0, given.alarms !== undefined, `warnings with values in ${place}`);
    }
  });
}

Deno.test("golden cases not followed are explained by id in docs/differences.md", async () => {
  const page = await Deno.readTextFile(new URL("docs/differences.md", root));
  for (const id of NOT_FOLLOWED) {
    assert.ok(cases.some((given) => given.id === id), `${id} is no case`);
    assert.ok(page.includes(`\`${id}\``), `${id} is not explained`);
  }
});
