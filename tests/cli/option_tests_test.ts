import assert from "node:assert/strict";
import { coverage, inputOptions, markersOf, optionTestsPage } from "./option_tests.ts";

Deno.test("every option of an input has a test that covers it", () => {
  const without = [...coverage()].filter(([, tests]) => tests.length === 0).map(([path]) => path);
  assert.deepEqual(without, [], "put '// covers: <option>' above its test");
});

Deno.test("option-tests.md is the generated page", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/reference/option-tests.md", import.meta.url));
  assert.equal(page, optionTestsPage(), "run 'deno task docs'");
});

Deno.test("markersOf finds the test below a comment", () => {
  // The words are put together here so that this file names no option itself.
  const mark = "// cov" + "ers:";
  const text =
    `${mark} a.B, a.C.*\n${mark} a.D\nDeno.test("one", () => {});\n\n${mark} a.E\nDeno.test({\n  name: "two",\n});\n`;
  assert.deepEqual(markersOf("x_test.ts", text).map(({ pattern, test }) => `${pattern} ${test.name}`), [
    "a.B one",
    "a.C.* one",
    "a.D one",
    "a.E two",
  ]);
  assert.throws(() => markersOf("x_test.ts", `${mark} a.B\nconst x = 1;\n`), /no test stands below/);
});

Deno.test("inputOptions lists the options inside sections", () => {
  const paths = inputOptions().map((option) => option.path);
  assert.ok(paths.includes("file_log.Multiline.Mode"));
  assert.ok(!paths.includes("file_log.Multiline"));
});
