import assert from "node:assert/strict";
import { errorsPage, metricsPage } from "../../src/cli/docs_operation.ts";
import { ERROR_CODES } from "../../src/core/error_codes.ts";
import { METRICS } from "../../src/telemetry/metric_list.ts";

Deno.test("metricsPage has one row for each metric, with its kind and labels", () => {
  const page = metricsPage();
  for (const { name, labels } of METRICS) {
    const rows = page.split("\n").filter((line) => line.startsWith(`| \`${name}\` |`));
    assert.equal(rows.length, 1, name);
    assert.ok(rows[0].includes(name.endsWith("_total") ? "| counter |" : "| gauge |"), rows[0]);
    for (const label of labels) assert.ok(rows[0].includes(`\`${label}\``), rows[0]);
  }
});

Deno.test("errorsPage says of each code what it means and what to do", () => {
  const page = errorsPage();
  for (const code of Object.keys(ERROR_CODES)) {
    assert.match(page, new RegExp(`^\\| \`${code}\` \\| [^|]{5,}.* \\| .{5,} \\|$`, "m"));
  }
});
