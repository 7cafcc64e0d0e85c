import assert from "node:assert/strict";
import { runChild } from "../support/child.ts";

const SCRIPT = new URL("../../build/compile.ts", import.meta.url).pathname;

function compile(...args: string[]) {
  return runChild(["run", "-A", "--quiet", SCRIPT, ...args]);
}

Deno.test("compile --print shows the flags of each profile for both versions of Deno, and compiles nothing", async () => {
  const { code, out, err } = await compile("--print", "--target", "arm64", "--net=kafka-1.example.com:9092");
  assert.equal(code, 0, err);
  const parts = out.split(/^profile /m).slice(1);
  assert.deepEqual(parts.map((part) => part.split("\n")[0]), [
    "daemonset, Deno 2.4",
    "daemonset, Deno 2.9",
    "vm, Deno 2.4",
    "vm, Deno 2.9",
  ]);
  for (const part of parts) {
    for (
      const flag of ["--no-prompt", "--no-check", "--no-code-cache", "--target=aarch64-unknown-linux-gnu"]
    ) {
      assert.match(part, new RegExp(`^  ${flag}$`, "m"));
    }
    assert.match(part, /^ {2}--allow-net=127\.0\.0\.1:9465,kafka-1\.example\.com:9092,localhost:80/m);
    assert.equal(part.includes("unix:/run/docker.sock"), part.includes("Deno 2.9"));
    assert.equal(/^ {2}--allow-read=\S*,\/var\/log,/m.test(part), part.startsWith("vm"));
    assert.doesNotMatch(part, /--allow-(?:run|ffi|import|all)/);
  }
});

Deno.test("compile says what is wrong with its options, and how it is called", async () => {
  const { code, out } = await compile("--profile", "pod");
  assert.equal(code, 64);
  assert.match(out, /^There is no profile 'pod'\n\ndeno task compile \[options\]\n/);
});

Deno.test("compile refuses a folder in the place of the product, before it makes anything", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const { code, out } = await compile("--profile=vm", `--out=${folder}`);
    assert.deepEqual([code, out], [1, `deno task compile: '${folder}' is a folder\n`]);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    Deno.removeSync(folder);
  }
});
