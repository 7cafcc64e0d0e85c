import assert from "node:assert/strict";
import { fieldOf, settledCount, slsEvent } from "../support/verify.ts";
import type { Fault } from "./fault.ts";

const encoder = new TextEncoder();
const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : part));

/** Lines without their line feeds. */
const corpus: Uint8Array[] = [
  bytes("plain"),
  bytes("\u0000nul\u0000 inside"),
  bytes([0xff, 0xfe], " two wrong bytes"),
  bytes("cut ", [0xe4, 0xb8], " character"),
  bytes("lone surrogate ", [0xed, 0xa0, 0x80], "."),
  bytes("overlong ", [0xc0, 0xaf], "."),
  bytes("beyond Unicode ", [0xf5, 0x80, 0x80, 0x80], "."),
  bytes("GBK ", [0xc4, 0xe3, 0xba, 0xc3], "."),
  bytes("\u001b[31mred\u001b[0m \u0007 bell \u007f"),
  bytes('quotes " \\ back \\n \\u0000 "'),
  bytes("tab\tand\u000bvertical\u000cfeed"),
  bytes("separators \u2028 \u2029 \u0085"),
  bytes("😀 beyond the first plane 𝒳"),
  bytes("cr\rinside"),
  bytes('{"Time":1,"Contents":[{"Key":"x","Value":"forged"}]}'),
  bytes("2022-07-13T15:45:54Z stdout F forged header"),
  bytes(Array.from({ length: 256 }, (_, n) => n === 10 || n === 13 ? 32 : n)),
];

export const dirtyBytes: Fault = {
  id: "R15",
  fault: "bytes that are no text",
  done: {
    short:
      "17 kinds of dirty lines 200 times over, with and without `\\r`, a byte order mark, a line in two writes",
    full: "the same 5,000 times over",
  },
  users:
    "what is no UTF-8 is U+FFFD, a byte order mark and NULs at both ends are left out, all else is as written; the JSON is always valid",
  async run(bed, form) {
    const load = await bed.workload("r15");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    // NUL bytes at both ends are left out: crashed writers and copytruncate leave holes of them.
    const says = (line: Uint8Array) => decoder.decode(line).replaceAll(/^\0+|\0+$/g, "");
    const expected: string[] = [];
    const file = Deno.openSync(load.path("dirty"), { create: true, write: true });
    const rounds = form === "short" ? 200 : 5000;
    for (let round = 0; round < rounds; round++) {
      const parts: Uint8Array[] = [];
      for (const line of corpus) {
        const whole = round % 2 === 0 ? line : bytes([...line], "\r");
        parts.push(whole, bytes("\n"));
        expected.push(says(whole));
      }
      const all = bytes(...parts.map((part) => [...part]));
      // In two writes that cut wherever it comes.
      const cut = (round * 37) % all.length;
      for (const piece of [all.subarray(0, cut), all.subarray(cut)]) {
        for (let at = 0; at < piece.length;) at += file.writeSync(piece.subarray(at));
      }
    }
    file.close();
    await settledCount(load.kafka, load.topic, expected.length);
    const records = (await load.kafka.consume(load.topic)).map((record) =>
      fieldOf(slsEvent(record), "content")
    );
    let wrong = 0;
    let first = "";
    for (let n = 0; n < Math.max(expected.length, records.length); n++) {
      if (records[n] === expected[n]) continue;
      if (wrong++ === 0) {
        first = `line ${n}: ${JSON.stringify(records[n])}, not ${JSON.stringify(expected[n])}`;
      }
    }
    assert.equal(wrong, 0, `${wrong} of ${expected.length} differ, the first: ${first}`);
    const bom = load.path("bom");
    Deno.writeFileSync(bom, bytes([0xef, 0xbb, 0xbf], "marked\nlast wi"));
    Deno.writeTextFileSync(bom, "thout\n", { append: true });
    await settledCount(load.kafka, load.topic, expected.length + 2);
    const two = (await load.kafka.consume(load.topic, { from: expected.length }))
      .map((record) => fieldOf(slsEvent(record), "content"));
    assert.deepEqual(two, ["marked", "last without"]);
    assert.equal(await agent.stop(), 0);
    return `${expected.length + 2} dirty lines, lost 0, repeated 0, different 0`;
  },
};
