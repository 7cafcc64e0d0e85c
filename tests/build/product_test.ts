import assert from "node:assert/strict";
import { elfBytes, elfMachine, embeddedFiles } from "../../build/product.ts";

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
