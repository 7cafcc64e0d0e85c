import assert from "node:assert/strict";
import { load } from "js-yaml";
import { Value } from "typebox/value";
import { pipelineSchema } from "../../src/cli/docs_json_schema.ts";
import { PLUGINS } from "../../src/plugins.ts";

const schema = pipelineSchema(PLUGINS);
const FOLDER = new URL("../golden/config/", import.meta.url);

function accepts(text: string): boolean {
  return Value.Check(schema as never, load(text));
}

Deno.test("pipelineSchema accepts the seed's pipelines", () => {
  for (
    const name of [
      "seed_nginx_stdout",
      "seed_nginx_stderr",
      "seed_nginx_stdout_regex",
      "seed_json_log",
      "several",
    ]
  ) {
    assert.ok(accepts(Deno.readTextFileSync(new URL(`${name}.good.yaml`, FOLDER))), name);
  }
});

Deno.test("pipelineSchema refuses what an editor should underline", () => {
  for (
    const name of [
      "unknown_key",
      "no_inputs",
      "unknown_type",
      "unknown_option",
      "missing_option",
      "scalar_for_list",
      "empty_lists",
    ]
  ) {
    assert.equal(accepts(Deno.readTextFileSync(new URL(`${name}.bad.yaml`, FOLDER))), false, name);
  }
});
