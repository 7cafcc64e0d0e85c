import assert from "node:assert/strict";
import { pathText } from "../../src/config/problem.ts";

Deno.test("pathText writes paths as people do", () => {
  const cases: [(string | number)[], string][] = [
    [[], ""],
    [["inputs"], "inputs"],
    [["inputs", 0, "FilePattern"], "inputs[0].FilePattern"],
    [
      ["inputs", 0, "IncludeK8sLabel", "app.kubernetes.io/name"],
      "inputs[0].IncludeK8sLabel['app.kubernetes.io/name']",
    ],
    [["a-b", "c_d"], "a-b.c_d"],
  ];
  for (const [path, want] of cases) assert.equal(pathText(path), want);
});
