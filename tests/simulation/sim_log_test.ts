import assert from "node:assert/strict";
import { stampBatch } from "../../src/flushers/kafka/record_batch.ts";
import { SimLog } from "./sim_log.ts";

/** A batch of records with the values 0, 1, …; all of them one digit. */
function batch(records: number, producerId: bigint, producerEpoch: number, baseSequence: number): Uint8Array {
  const bytes = new Uint8Array(61 + 8 * records);
  for (let i = 0; i < records; i++) bytes.set([14, 0, 0, 2 * i, 1, 2, 48 + i, 0], 61 + 8 * i);
  const head = { codec: 0, records, baseTimeMs: 0, maxTimeMs: 0, producerId, producerEpoch, baseSequence };
  stampBatch(bytes, 0, bytes.length, head);
  return bytes;
}

Deno.test("SimLog answers as a broker when sequences repeat, are missing, and begin anew", () => {
  const log = new SimLog();
  let landed = "";
  const append = (records: number, epoch: number, sequence: number, isOld = false) =>
    log.append(batch(records, 7n, epoch, sequence), Infinity, isOld, ({ value }) => {
      landed += new TextDecoder().decode(value);
    });
  assert.equal(append(2, 0, 0), 0);
  assert.equal(append(1, 0, 2), 0);
  assert.equal(landed, "010");
  assert.equal(append(2, 0, 0), 0, "acknowledged once more");
  assert.equal(append(2, 0, 0, true), 46);
  assert.equal(append(1, 0, 0), 45, "a part of a repeat is none");
  assert.equal(append(1, 0, 4), 45);
  assert.equal(landed, "010");
  assert.equal(append(1, 1, 3), 45, "another epoch begins at 0");
  assert.equal(append(1, 1, 0), 0);
  assert.equal(append(1, 0, 3), 47);
  assert.equal(landed, "0100");
});

Deno.test("SimLog refuses a batch when its bytes were changed, and when it is too large", () => {
  const log = new SimLog();
  const broken = batch(1, 7n, 0, 0);
  broken[67]++;
  assert.equal(log.append(broken, Infinity, false, () => {}), 2);
  assert.equal(log.append(batch(1, 7n, 0, 0), 60, false, () => {}), 10);
  assert.equal(log.records, 0);
});
