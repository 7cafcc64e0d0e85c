import assert from "node:assert/strict";
import { OTHER_AGENT_TYPES } from "../../src/config/known_types.ts";
import { PLUGINS } from "../../src/plugins.ts";

Deno.test("OTHER_AGENT_TYPES holds every plugin of ours, as all of them are iLogtail's", () => {
  for (const plugin of PLUGINS) assert.ok(OTHER_AGENT_TYPES[plugin.kind].includes(plugin.type), plugin.type);
});

Deno.test("OTHER_AGENT_TYPES names each type once", () => {
  const all = Object.values(OTHER_AGENT_TYPES).flat();
  assert.equal(new Set(all).size, all.length);
});
