import assert from "node:assert/strict";
import { FramingCounts } from "../../src/tail/framing_counts.ts";
import { ReaderBed } from "./reader_bed.ts";

Deno.test("FramingCounts takes over what is new of each lane, once", () => {
  const bed = new ReaderBed();
  const counts = new FramingCounts(bed.losses, bed.metrics);
  const [one, two] = [bed.lane(), bed.lane()];
  Object.assign(one.assembler.counts, { unparsable: 2, discarded: 3, bytesTruncated: 10, bytesLost: 7 });
  Object.assign(two.assembler.counts, { unparsable: 1 });
  for (const lane of [one, two, one, two]) counts.note(lane);
  Object.assign(one.assembler.counts, { unparsable: 5 });
  counts.note(one);
  assert.equal(bed.metrics.value("denotail_unparsable_lines_total"), 6);
  assert.equal(bed.metrics.value("denotail_discarded_records_total"), 3);
  assert.equal(bed.metrics.value("denotail_lost_bytes_total reason=record_truncated"), 10);
  assert.equal(bed.metrics.value("denotail_lost_bytes_total reason=truncated"), 7);
  assert.equal(bed.log.lines.length, 1, "truncation was asked for, so only the other loss is said");
});
