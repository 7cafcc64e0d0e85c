import assert from "node:assert/strict";
import { cliPage } from "../../src/cli/docs_cli.ts";
import { EXIT } from "../../src/cli/exit_codes.ts";
import { FLAGS } from "../../src/cli/flags.ts";

const page = cliPage();

Deno.test("cliPage has a row for each flag with its variables and default", () => {
  for (const flag of Object.values(FLAGS)) {
    const row = page.split("\n").find((line) =>
      line.startsWith(`| \`--${flag.name}\``) || line.startsWith(`| \`--${flag.name} `)
    );
    assert.ok(row !== undefined, flag.name);
    for (const part of [...flag.env, flag.default]) assert.ok(row.includes(part), `${row}: ${part}`);
  }
});

Deno.test("cliPage names every command and exit code", () => {
  for (const name of ["run", "validate", "start", "docs [folder]"]) {
    assert.ok(page.includes(`| \`denotail ${name}\` |`), name);
  }
  for (const code of Object.values(EXIT)) assert.match(page, new RegExp(`^\\| ${code} \\| .+ \\|$`, "m"));
});
