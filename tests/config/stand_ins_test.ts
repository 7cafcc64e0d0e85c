import assert from "node:assert/strict";
import { asOptionSchema } from "../../src/config/option_schema.ts";
import { fillStandIns } from "../../src/config/stand_ins.ts";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { integer, list, mapOf, optional, options, section, text } from "../../src/core/schema.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { createPlugins } from "./create_plugins.ts";

const schema = asOptionSchema(options({
  Name: text("Must be there.", { minLength: 1, examples: ["a-name"] }),
  Plain: text("Must be there.", { minLength: 2 }),
  Size: optional(integer("May be missing.")),
  Items: list("Texts.", text("One."), { minItems: 1 }),
  Map: mapOf("Texts.", text("One."), { default: {} }),
  Part: section("Inside.", { Level: integer("A number.", { minimum: 3 }) }),
}));
const good = { Name: "a", Plain: "bb", Items: ["x"], Map: { k: "v" }, Part: { Level: 4 } };

Deno.test("fillStandIns leaves whole options as they are", () => {
  assert.deepEqual(fillStandIns(good, schema), { options: good, standIns: [] });
  const more = { ...good, Size: 3, Map: {} };
  assert.deepEqual(fillStandIns(more, schema), { options: more, standIns: [] });
});

Deno.test("fillStandIns puts sound values where some are missing, and says where", () => {
  const cases: [object, object, (string | number)[]][] = [
    [{ ...good, Name: undefined }, { ...good, Name: "a-name" }, ["Name"]],
    [{ ...good, Plain: undefined }, { ...good, Plain: "xx" }, ["Plain"]],
    [{ ...good, Items: [undefined, "y"] }, { ...good, Items: ["", "y"] }, ["Items", 0]],
    [{ ...good, Items: undefined }, { ...good, Items: [""] }, ["Items"]],
    [{ ...good, Map: { k: undefined, l: "v" } }, { ...good, Map: { k: "", l: "v" } }, ["Map", "k"]],
    [{ ...good, Part: {} }, { ...good, Part: { Level: 3 } }, ["Part", "Level"]],
    [{ ...good, Part: undefined }, { ...good, Part: { Level: 3 } }, ["Part"]],
  ];
  for (const [given, expected, at] of cases) {
    assert.deepEqual(fillStandIns(given, schema), { options: expected, standIns: [at] }, String(at));
  }
  assert.deepEqual(fillStandIns({ ...good, Items: [] }, schema).options, { ...good, Items: [""] });
});

Deno.test("fillStandIns makes options with which every plugin can be asked, and which it finds nothing wrong in", async () => {
  for (const { kind, type } of PLUGINS) {
    const lists = ["input", "processor", "flusher"].map((one) =>
      `${one}s:\n  - Type: ${one === kind ? type : PLUGINS.find((plugin) => plugin.kind === one)!.type}\n`
    );
    const { config, draft, problems } = readPipelineFile("x.yaml", lists.join(""), PLUGINS, {
      env: () => undefined,
      readText: () => null,
    });
    const before = problems.length;
    await createPlugins((config ?? draft)!);
    assert.deepEqual(problems.slice(before), [], type);
  }
});
