import assert from "node:assert/strict";
import { optionTable, pluginPage, tableRow } from "../../src/cli/docs_plugin.ts";
import type { OptionSchema } from "../../src/config/option_schema.ts";
import { PLUGINS } from "../../src/plugins.ts";

const table = (properties: Record<string, unknown>, required: string[] = []) =>
  optionTable({ type: "object", properties, required } as unknown as OptionSchema);

Deno.test("optionTable shows type, default and meaning, and the options of sections by their path", () => {
  const text = table({
    Port: { type: "integer", minimum: 1, maximum: 9, default: 5, description: "Where" },
    Name: { type: "string", description: "Who", examples: ["me"] },
    Wait: { type: "integer", "x-kind": "durationMs", default: 3000, description: "How long" },
    TLS: { type: "object", description: "Safety", properties: { On: { type: "boolean", default: false } } },
  }, ["Name"]);
  assert.match(text, /^\| `Port` \| whole number, 1 … 9 \| `5` \| Where\. \|$/m);
  assert.match(text, /^\| `Name` \| text \| required \| Who\. For instance `me`\. \|$/m);
  assert.match(text, /^\| `Wait` \| time span \| `3s` \| How long\. \|$/m);
  assert.match(text, /^\| `TLS\.On` \| flag \| `false` \|/m);
});

Deno.test("optionTable keeps options without effect apart, and says when there are none", () => {
  const text = table({ Old: { type: "string", "x-no-effect": "gone" } });
  assert.match(text, /Accepted with a warning[\s\S]*\| `Old` \| gone \|/);
  assert.equal(table({}), "None.\n");
});

Deno.test("pluginPage shows every example, and where an alias belongs", () => {
  for (const plugin of PLUGINS) {
    const page = pluginPage(plugin);
    assert.ok(page.startsWith(`# ${plugin.type}\n`));
    for (const { title, config } of plugin.examples) {
      assert.ok(page.includes(`### ${title}\n`) && page.includes(config.trimEnd()), title);
    }
    assert.equal(page.includes("Another name of"), plugin.aliasOf !== undefined);
  }
});

Deno.test("tableRow keeps a cell in its column", () => {
  assert.equal(tableRow(["a|b", "c\nd"]), "| a\\|b | c d |");
});
