import assert from "node:assert/strict";
import zlib from "node:zlib";
import fc from "fast-check";
import { PermanentError } from "../../src/core/errors.ts";
import { HostCodecs } from "../../src/host/codecs.ts";
import { pooledDeflate } from "../../src/host/pooled_deflate.ts";

const hasZstd = typeof zlib.zstdCompressSync === "function";
const names = hasZstd ? ["gzip", "snappy", "lz4", "zstd"] as const : ["gzip", "snappy", "lz4"] as const;

Deno.test("HostCodecs give back what they compressed when bytes are any and calls follow each other", async () => {
  const codecs = new HostCodecs();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.tuple(fc.string({ minLength: 1 }), fc.nat(20_000)).map(([text, times]) =>
      new TextEncoder().encode(text.repeat(1 + times / text.length))
    ),
  );
  for (const name of names) {
    const codec = (await codecs.load(name))!;
    fc.assert(
      fc.property(bytes, fc.nat(20), fc.nat(20), (input, skip, cut) => {
        const begin = Math.min(skip, input.length);
        const end = Math.max(begin, input.length - cut);
        assert.deepEqual(codec.decompress(codec.compress(input, begin, end)), input.slice(begin, end));
      }),
      { numRuns: 50 },
    );
  }
});

Deno.test("HostCodecs compress what does not compress when the bytes are random and many", async () => {
  const noise = crypto.getRandomValues(new Uint8Array(65_536));
  const input = new Uint8Array(3 * noise.length);
  for (let i = 0; i < 3; i++) input.set(noise.map((byte) => byte ^ i * 77), i * noise.length);
  for (const name of names) {
    const codec = (await new HostCodecs().load(name))!;
    assert.deepEqual(codec.decompress(codec.compress(input, 0, input.length)), input, name);
  }
});

Deno.test("HostCodecs.load gives one object per name and level when asked again", async () => {
  const codecs = new HostCodecs();
  const [one, two] = await Promise.all([codecs.load("gzip"), codecs.load("gzip", 1)]);
  assert.equal(one, two);
  assert.equal(one!.level, 1);
  assert.notEqual(await codecs.load("gzip", 6), one);
});

Deno.test("HostCodecs.load throws a PermanentError when the level is outside of the codec's", async () => {
  await assert.rejects(new HostCodecs().load("gzip", 12), PermanentError);
  if (hasZstd) await assert.rejects(new HostCodecs().load("zstd", 23), PermanentError);
});

Deno.test("pooledDeflate is null when what comes out is not what went in", () => {
  assert.equal(pooledDeflate("gzip", 1, () => new Uint8Array([1])), null);
  assert.equal(
    pooledDeflate("gzip", 1, () => {
      throw new Error("damaged");
    }),
    null,
  );
});
