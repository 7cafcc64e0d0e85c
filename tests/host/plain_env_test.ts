import assert from "node:assert/strict";
import { runChild } from "../support/child.ts";

const MODULE = new URL("../../src/host/plain_env.ts", import.meta.url).href;

Deno.test("hideEnvironment lets code enumerate process.env when the program may not read the environment", async () => {
  // In a process of its own: what it does to `process` stays for good.
  const code = `import { hideEnvironment } from ${JSON.stringify(MODULE)};
    hideEnvironment();
    hideEnvironment();
    process.env.A = "1";
    console.log(JSON.stringify([Object.keys(process.env), process.env.HOME ?? null]));`;
  const program = `data:text/typescript,${encodeURIComponent(code)}`;
  const { out, err } = await runChild(["run", "--no-prompt", "--allow-read", "--allow-import", program]);
  assert.equal(out.trim(), '[["A"],null]', err);
});
