import assert from "node:assert/strict";
import { elfBytes, elfMachine, embeddedFiles, examine } from "../../build/product.ts";

/** Head of an ELF image whose section headers begin at 1000: 3 of 64 bytes. */
function elf(machine: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, 0x7f454c46);
  view.setUint16(18, machine, true);
  view.setBigUint64(40, 1000n, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  return new Uint8Array(view.buffer);
}

Deno.test("elfBytes finds the end of the runtime in the file", () => {
  assert.equal(elfBytes(elf(62)), 1192);
  assert.throws(() => elfBytes(new Uint8Array(64)), /no ELF file/);
});

Deno.test("elfMachine names architectures as Deno does", () => {
  assert.deepEqual([62, 183, 40].map((number) => elfMachine(elf(number))), [
    "x86_64",
    "aarch64",
    "machine 40",
  ]);
});

Deno.test("embeddedFiles lists files of packages, with types among them, without our sources", () => {
  const tree = '{"Dir":{"n":"a","e":[{"File":{"n":"index.js","o":[0,1]}},{"File":{"n":"index.d.ts"}},' +
    '{"File":{"n":"main.ts"}},{"Symlink":{"n":"b"}}]}}';
  const bytes = new Uint8Array([0xff, 0, ...new TextEncoder().encode(tree), 0xfe]);
  assert.deepEqual(embeddedFiles(bytes), ["index.js", "index.d.ts"]);
});

/** ELF's number of this machine. */
const OURS = Deno.build.arch === "aarch64" ? 183 : 62;

/** Looks at a product of this runtime head and what is ours behind it. */
async function look(machine: number, own: Uint8Array, target?: string): Promise<string> {
  const path = Deno.makeTempFileSync();
  try {
    const bytes = new Uint8Array(1192 + own.length);
    bytes.set(elf(machine));
    bytes.set(own, 1192);
    Deno.writeFileSync(path, bytes);
    await examine(path, { version: "0.0.0", denort: "", target, folder: "/tmp" });
    return "passed";
  } catch (error) {
    return (error as Error).message;
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("examine refuses a product that is too large, for another machine, or holds leftovers", async () => {
  const text = (json: string) => new TextEncoder().encode(json);
  assert.match(await look(OURS, new Uint8Array(15_000_001)), /our part of the binary has 15000001 bytes/);
  assert.match(await look(OURS, text('{"File":{"n":"a.node"')), /holds what no program runs: a\.node/);
  assert.match(await look(62, text(""), "aarch64-unknown-linux-gnu"), /for x86_64, not for aarch64/);
  assert.match(
    await look(40, text("")),
    /for machine 40, not for /,
    "without a target it is for this machine",
  );
});

Deno.test("examine does not try what is for another machine", async () => {
  const [number, target] = OURS === 183
    ? [62, "x86_64-unknown-linux-gnu"]
    : [183, "aarch64-unknown-linux-gnu"];
  assert.equal(await look(number, new Uint8Array(10), target), "passed");
});

/** Tries a product that is this script, with the mark of this machine where an ELF image has it. */
async function tryScript(script: string): Promise<string> {
  const head = `#!/bin/sh\n#-------${String.fromCharCode(OURS)}\0\n`;
  const text = Uint8Array.from(`${head}${script}\n`, (char) => char.charCodeAt(0));
  const folder = Deno.makeTempDirSync();
  try {
    const [path, denort] = [`${folder}/product`, `${folder}/denort`];
    Deno.writeTextFileSync(denort, "");
    Deno.writeFileSync(path, text, { mode: 0o755 });
    await examine(path, { version: "1.2.3", denort, target: undefined, folder });
    return "passed";
  } catch (error) {
    return (error as Error).message;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("examine refuses a product that does not run, or checks no configuration", async () => {
  const asked = (validate: string) => `case $1 in --version) echo 1.2.3;; *) ${validate};; esac`;
  assert.match(await tryScript("echo Segfault >&2; exit 139"), /does not run: '--version' gave 'Segfault'/);
  const unchecked = /does not check configurations/;
  assert.match(await tryScript(asked("exit 0")), unchecked);
  assert.match(await tryScript(asked('echo "at $2"; exit 0')), unchecked);
  assert.match(await tryScript(asked('echo "$2"; echo "  at main.ts"; exit 1')), unchecked);
  assert.equal(await tryScript(asked('echo "error in ${2#*=}"; exit 78')), "passed");
});
