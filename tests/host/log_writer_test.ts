import assert from "node:assert/strict";
import { runChild } from "../support/child.ts";

const MODULE = new URL("../../src/host/log_writer.ts", import.meta.url).href;

Deno.test("writeStderr writes all of a long text before the program ends", async () => {
  const source =
    `import { writeStderr } from "${MODULE}"; writeStderr("é".repeat(300_000) + "end"); Deno.exit(3);`;
  const { code, err } = await runChild(["eval", source]);
  assert.equal(code, 3);
  assert.equal(err.length, 300_003);
  assert.ok(err.endsWith("éend"));
});

Deno.test("writeStderr lets the program go on when nobody reads any more", async () => {
  const source = `import { writeStderr } from "${MODULE}";
    for (let i = 0; i < 3; i++) { writeStderr("x".repeat(100_000)); await new Promise((r) => setTimeout(r, 30)); }
    console.log("still here");`;
  const script = 'exec 3>&1; { "$0" eval "$1" 2>&1 >&3 | head -c 1 >/dev/null; }';
  const launcher = `const { stdout } = await new Deno.Command("sh", {
    args: ["-c", ${JSON.stringify(script)}, Deno.execPath(), ${JSON.stringify(source)}],
  }).output();
  console.log(new TextDecoder().decode(stdout));`;
  const { out, err } = await runChild(["eval", launcher]);
  assert.match(out, /still here/, err);
});
