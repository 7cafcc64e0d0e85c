/** From framed records to bytes, 1000 at a time: `deno bench tests/bench/envelope_bench.ts`. */
import { ENVELOPE_PROTOCOLS, makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { ACCESS_LINES, checkRecord, encodeAll, frame, STDOUT_TAGS } from "./bench_batches.ts";

const keys = new KeyTable();
const raw = frame(keys, ACCESS_LINES), docker = frame(keys, ACCESS_LINES, true);
const sls = makeEnvelope({ protocol: "sls_json", keys });
checkRecord(raw(), sls, 500, "content", ACCESS_LINES[500]);
checkRecord(docker(), sls, 501, "content", ACCESS_LINES[501]);

for (const protocol of ENVELOPE_PROTOCOLS) {
  const envelope = makeEnvelope({ protocol, keys });
  Deno.bench(`frame and encode, ${protocol}`, { group: "raw", baseline: protocol === "sls_json" }, () => {
    encodeAll(raw(), envelope);
  });
}
Deno.bench("frame and encode, sls_json, docker (escaped already)", { group: "raw" }, () => {
  encodeAll(docker(), sls);
});
Deno.bench("frame only", { group: "raw" }, () => {
  raw();
});
Deno.bench("frame, an object a record, JSON.stringify, encodeInto", { group: "raw" }, () => {
  const batch = raw();
  const out = new Uint8Array(4096), encoder = new TextEncoder();
  for (let record = 0; record < batch.count; record++) {
    const Contents: { Key: string; Value: string }[] = [];
    for (let cell = batch.first[record]; cell >= 0; cell = batch.nextField(cell)) {
      if (batch.key(cell) >= 0) Contents.push({ Key: keys.text(batch.key(cell)), Value: batch.text(cell) });
      else for (const tag of STDOUT_TAGS.list) Contents.push({ Key: tag.key, Value: tag.value });
    }
    encoder.encodeInto(JSON.stringify({ Time: 1687753930, Contents }), out);
  }
});
