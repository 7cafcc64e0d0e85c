import assert from "node:assert/strict";
import fc from "fast-check";
import { TimeParser } from "../../src/base/rfc3339.ts";

function parse(parser: TimeParser, text: string): number {
  const bytes = new TextEncoder().encode(`x${text}y`);
  return parser.parse(bytes, 1, bytes.length - 1);
}

Deno.test("TimeParser parses what Date.parse does, whatever came before", () => {
  const parser = new TimeParser();
  const time = fc.tuple(
    fc.date({ min: new Date("2000-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
    fc.constantFrom("", ".5", ".123", ".000456789", ".999999999"),
    fc.constantFrom("Z", "+08:00", "-03:30"),
  );
  fc.assert(fc.property(fc.array(time), (times) => {
    for (const [date, fraction, zone] of times) {
      const second = date.toISOString().slice(0, 19);
      const millis = fraction.slice(0, 4);
      assert.equal(parse(parser, second + fraction + zone), Date.parse(second + millis + zone));
    }
  }));
});

Deno.test("TimeParser gives 0 for what is no timestamp", () => {
  const parser = new TimeParser();
  for (
    const text of [
      "",
      "2024-01-01T00:00:00",
      "2024-13-01T00:00:00Z",
      "2024-01-01T00:00:00.1",
      "x".repeat(20),
      "x".repeat(30),
    ]
  ) {
    assert.equal(parse(parser, text), 0, text);
  }
  assert.equal(parse(parser, "1970-01-01T00:00:01Z"), 1000);
});
