import assert from "node:assert/strict";
import fc from "fast-check";
import { grpcFrame, GrpcFrames } from "../../src/host/grpc_frames.ts";

Deno.test("grpcFrame writes flag and big-endian length before the message", () => {
  assert.deepEqual([...grpcFrame(new Uint8Array([7, 8]))], [0, 0, 0, 0, 2, 7, 8]);
});

Deno.test("GrpcFrames gives the messages back wherever the bytes are cut", () => {
  fc.assert(fc.property(
    fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }),
    (messages, cuts) => {
      const all = messages.flatMap((message) => [...grpcFrame(message)]);
      const frames = new GrpcFrames();
      const seen: number[][] = [];
      for (let at = 0, turn = 0; at < all.length;) {
        const end = at + cuts[turn++ % cuts.length];
        for (const message of frames.push(Uint8Array.from(all.slice(at, end)))) seen.push([...message]);
        at = end;
      }
      assert.deepEqual(seen, messages.map((message) => [...message]));
    },
  ));
});

Deno.test("GrpcFrames refuses a compressed message and one that is too large", () => {
  assert.throws(() => new GrpcFrames().push(new Uint8Array([1, 0, 0, 0, 0])), /compressed/);
  assert.throws(() => new GrpcFrames().push(new Uint8Array([0, 255, 0, 0, 0])), /too large/);
});
