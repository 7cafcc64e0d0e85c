import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { PermanentError } from "../../src/core/errors.ts";
import { Gunzip } from "../../src/host/gunzip.ts";

const TEXT = Uint8Array.from({ length: 300_000 }, (_, i) => 65 + (i * i >> 5) % 23);

/** Unpacks in small pieces. */
function unpack(packed: Uint8Array, inputBytes = 1_000, room = 700): { bytes: Uint8Array; whole: boolean } {
  const gunzip = new Gunzip();
  const output = new Uint8Array(2 * TEXT.length + room);
  let [from, to] = [0, 0];
  try {
    for (;;) {
      gunzip.step(packed, from, Math.min(inputBytes, packed.length - from), output, to, room);
      from += gunzip.taken;
      to += gunzip.given;
      if (gunzip.taken === 0 && gunzip.given === 0) break;
    }
    return { bytes: output.slice(0, to), whole: gunzip.isComplete() };
  } finally {
    gunzip.close();
  }
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("Gunzip unpacks in pieces of any size, several members too", () => {
  const packed = gzipSync(TEXT);
  assert.deepEqual(unpack(packed), { bytes: TEXT, whole: true });
  assert.deepEqual(unpack(packed, 7, 70_000), { bytes: TEXT, whole: true });
  assert.deepEqual(unpack(join(packed, packed)), { bytes: join(TEXT, TEXT), whole: true });
  assert.deepEqual(unpack(gzipSync("")), { bytes: new Uint8Array(0), whole: true });
});

Deno.test("Gunzip says that a stream has no end when it is cut, at whatever place", () => {
  const packed = gzipSync(TEXT);
  for (const bytes of [0, 1, 9, 10, 11, 1_000, packed.length - 8, packed.length - 1]) {
    const { bytes: got, whole } = unpack(packed.subarray(0, bytes));
    assert.equal(whole, false, `${bytes} bytes`);
    assert.deepEqual(got, TEXT.subarray(0, got.length));
  }
});

Deno.test("Gunzip throws when bytes are damaged or no gzip stream", () => {
  const packed = gzipSync(TEXT);
  for (const at of [0, 1, 2, packed.length - 1, packed.length - 8]) {
    const damaged = packed.slice();
    damaged[at] ^= 0x55;
    assert.throws(() => unpack(damaged), PermanentError, `byte ${at}`);
  }
  assert.throws(() => unpack(TEXT), { code: "GZIP_DAMAGED" });
});
