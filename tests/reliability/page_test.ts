import assert from "node:assert/strict";
import { projectRoot } from "../support/paths.ts";
import { allFaults, faultTable, readFigures, withTable } from "./page.ts";

/** Without what the formatter does to tables. */
const words = (text: string) => text.replaceAll(/[ -]+/g, " ");

Deno.test("docs/reliability.md has the table of faults as sources and figures give it", () => {
  const text = Deno.readTextFileSync(`${projectRoot}/docs/reliability.md`);
  assert.equal(
    words(withTable(text, faultTable(readFigures()))),
    words(text),
    "deno task reliability --write",
  );
});

Deno.test("the list of faults has R1 to R21, each once, save R17, which comes with the reload", () => {
  const ids = allFaults().map(({ id }) => id).filter((id) => id.startsWith("R"));
  const all = Array.from({ length: 21 }, (_, n) => `R${n + 1}`).filter((id) => id !== "R17");
  assert.deepEqual(ids, all);
});

Deno.test("faults that suites show name tests that are there", () => {
  for (const one of allFaults()) {
    if (!("suite" in one)) continue;
    const names = [...Deno.readTextFileSync(`${projectRoot}/${one.suite}`).matchAll(/test\("([^"]+)"/g)];
    assert.ok(names.some(([, name]) => one.filter.test(name)), one.id);
  }
});
