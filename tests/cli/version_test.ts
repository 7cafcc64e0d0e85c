import assert from "node:assert/strict";
import { VERSION } from "../../src/cli/version.ts";
import { runChild } from "../support/child.ts";
import { projectRoot } from "../support/paths.ts";
import { filesBelow, textOf } from "../support/tree.ts";

Deno.test("VERSION is that of deno.json", () => {
  assert.match(VERSION, /^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
  assert.equal(VERSION, JSON.parse(textOf("deno.json")).version);
});

Deno.test("VERSION is read without any permission", async () => {
  const module = new URL("../../src/cli/version.ts", import.meta.url);
  const code = `import { VERSION } from "${module}"; console.log(VERSION);`;
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/ask.ts`, code);
    const args = ["run", "--no-prompt", "--no-check", "--config", `${projectRoot}/deno.json`];
    const { out, err } = await runChild([...args, `${folder}/ask.ts`]);
    assert.equal(out.trim(), VERSION, err);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** Where the version is history, and what other programs wrote. */
const elsewhere = /^(?:deno\.json|deno\.lock|CHANGELOG\.md)$|^tests\/(?:golden|fixtures)\//;

Deno.test("VERSION stands in deno.json and in no other file but the change log", () => {
  const exactly = new RegExp(`(?<![\\w.-])v?${VERSION.replaceAll(".", "\\.")}(?![\\w.]*\\d)`);
  assert.match(`denotail:${VERSION}`, exactly);
  assert.doesNotMatch(`1${VERSION}.7`, exactly);
  const repeated = filesBelow("").filter((path) => !elsewhere.test(path) && exactly.test(textOf(path)));
  assert.deepEqual(repeated, [], "let it be read from deno.json, or be an argument");
});
