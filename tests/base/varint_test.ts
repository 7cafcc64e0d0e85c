import assert from "node:assert/strict";
import fc from "fast-check";
import { readVarint, unzigzag, varintBytes, varintEnd, writeVarint, zigzag } from "../../src/base/varint.ts";

/** The same with big integers, bit by bit: slow and plain. */
function plainVarint(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value)];
}

const number = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.nat(),
  fc.integer({ min: 0, max: 53 }).map((n) => 2 ** n - 1),
);

Deno.test("writeVarint writes the documented bytes when the values are known", () => {
  const cases: [number, number[]][] = [[0, [0]], [127, [127]], [128, [128, 1]], [300, [0xac, 2]], [
    2 ** 32,
    [128, 128, 128, 128, 16],
  ]];
  for (const [value, bytes] of cases) {
    const out = new Uint8Array(8);
    assert.equal(writeVarint(out, 0, value), bytes.length);
    assert.deepEqual([...out.subarray(0, bytes.length)], bytes);
  }
});

Deno.test("writeVarint, varintBytes and readVarint agree with big integers when values are any safe number", () => {
  fc.assert(fc.property(number, fc.nat(5), (value, at) => {
    const out = new Uint8Array(20);
    const end = writeVarint(out, at, value);
    assert.deepEqual([...out.subarray(at, end)], plainVarint(BigInt(value)));
    assert.equal(varintBytes(value), end - at);
    assert.equal(readVarint(out, at), value);
    assert.equal(varintEnd.at, end);
  }));
});

Deno.test("zigzag interleaves signs and unzigzag gives the number back when it is below 2^52", () => {
  assert.deepEqual([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
  fc.assert(fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (value) => {
    assert.equal(unzigzag(zigzag(value)) + 0, value + 0);
  }));
});

Deno.test("readVarint throws when the bytes end too early", () => {
  assert.throws(() => readVarint(new Uint8Array([0x80, 0x80]), 0), RangeError);
});
