import assert from "node:assert/strict";

const MODULE = new URL("../../src/host/plain_env.ts", import.meta.url).href;

Deno.test("hideEnvironment lets code enumerate process.env when the program may not read the environment", async () => {
  // In a process of its own: what it does to `process` stays for good.
  const code = `import { hideEnvironment } from ${JSON.stringify(MODULE)};
    hideEnvironment();
    hideEnvironment();
    process.env.A = "1";
    console.log(JSON.stringify([Object.keys(process.env), process.env.HOME ?? null]));`;
  const program = `data:text/typescript,${encodeURIComponent(code)}`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-import", program],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), '[["A"],null]', new TextDecoder().decode(stderr));
});
