import assert from "node:assert/strict";
import { pipelineGlobals } from "../../src/config/global_section.ts";

Deno.test("pipelineGlobals keeps the order of tags", () => {
  assert.deepEqual(pipelineGlobals({ TimeSource: "record", Tags: { z: "1", a: "2" } }), {
    timeSource: "record",
    tags: [{ name: "z", value: "1" }, { name: "a", value: "2" }],
  });
  assert.deepEqual(pipelineGlobals({}), { timeSource: "clock", tags: [] });
});
