import { Batch, ESCAPED, IN_ARENA, UTF8_ASCII, UTF8_VALID } from "../../src/core/batch.ts";
import type { Envelope } from "../../src/core/envelope/envelope.ts";
import type { KeyTable } from "../../src/core/keys.ts";
import { TagSet } from "../../src/core/tags.ts";
import type { Framing } from "../../src/core/framing.ts";
import { RUNTIME } from "../support/tail_world.ts";

/** Records per batch in all benches: a figure of `x µs` per round is `x ms` per million, i.e. x/1000 CPU-s. */
export const RECORDS = 1000;

/** Lines of container runtimes with the product's own limit. */
export const RUNTIME_FRAMING: Framing = { ...RUNTIME, recordBytesMax: 512 * 1024 };

export const STDOUT_TAGS = new TagSet([
  { key: "_image_name_", value: "docker.io/library/nginx:latest" },
  { key: "_container_name_", value: "nginx" },
  { key: "_pod_name_", value: "nginx-76d49876c7-r892w" },
  { key: "_namespace_", value: "default" },
  { key: "_pod_uid_", value: "07f75a79-da69-40ac-ae2b-77a632929cc6" },
  { key: "_container_ip_", value: "10.223.0.154" },
]);

export const ACCESS_LINES = Array.from(
  { length: RECORDS },
  (_, i) =>
    `10.0.${i % 256}.${i % 200} - - [26/Jun/2023:12:32:${10 + i % 50} +0800] "GET /index/${i}.html?q=${
      i * 7
    } HTTP/1.1" ` +
    `200 ${
      i * 13
    } "https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${i}" "-"`,
);

export const JSON_LINES = Array.from({ length: RECORDS }, (_, i) =>
  JSON.stringify({
    time: `2023-06-26T12:32:${10 + i % 50}.${100 + i % 900}Z`,
    level: i % 7 === 0 ? "WARN" : "INFO",
    logger: "com.example.shop.CartService",
    thread: `http-nio-8080-exec-${i % 20}`,
    message: `cart ${i} updated by "user-${i * 31}" in region eu-central-1, 3 items`,
    durationMs: i * 1.5,
    ok: true,
    context: { traceId: `${i * 7919}`.padStart(16, "0"), tags: ["a", "b"] },
  }));

/** What framing makes of 1000 lines in CRI text (or of docker's JSON, where `content` is still escaped). */
export function frame(keys: KeyTable, lines: readonly string[], escaped = false): () => Batch {
  const head = "2023-06-26T12:32:10.123456789+08:00 stdout F ";
  const contents = lines.map((line) => escaped ? JSON.stringify(line).slice(1, -1) : line);
  const arena = new TextEncoder().encode(contents.map((content) => head + content).join("\n"));
  const encoder = new TextEncoder();
  const utf8 = arena.every((byte) => byte < 0x80) ? UTF8_ASCII : UTF8_VALID;
  const ends: number[] = [];
  let at = 0;
  for (const content of contents) ends.push(at += head.length + encoder.encode(content).length), at++;
  const content = keys.permanent("content"),
    time = keys.permanent("_time_"),
    source = keys.permanent("_source_");
  const batch = new Batch(keys);
  return () => {
    batch.begin(STDOUT_TAGS, arena, utf8, 1_687_753_930_000);
    let begin = 0;
    for (let i = 0; i < ends.length; i++) {
      const record = batch.addRecord();
      batch.append(record, content, begin + head.length, ends[i], escaped ? IN_ARENA | ESCAPED : IN_ARENA);
      batch.append(record, time, begin, begin + 35, IN_ARENA | ESCAPED);
      batch.append(record, source, begin + 36, begin + 42, IN_ARENA | ESCAPED);
      batch.appendTags(record);
      begin = ends[i] + 1;
    }
    return batch;
  };
}

const out = new Uint8Array(8 * 1024 * 1024);

/** Encodes a whole batch; returns its bytes. */
export function encodeAll(batch: Batch, envelope: Envelope): number {
  let at = 0;
  for (let record = 0; record < batch.count; record++) {
    if (at + envelope.bytesMax(batch, record) > out.length) {
      throw new Error("BUG: the bench's output is too small");
    }
    at = envelope.encode(batch, record, out, at);
  }
  return at;
}

/** Fails when what was encoded is not the JSON that was meant: speed of nonsense is no result. */
export function checkRecord(
  batch: Batch,
  envelope: Envelope,
  record: number,
  key: string,
  value: string,
): void {
  const end = envelope.encode(batch, record, out, 0);
  const { Contents } = JSON.parse(new TextDecoder().decode(out.subarray(0, end)));
  const found = Contents.find(({ Key }: { Key: string }) => Key === key)?.Value;
  if (found !== value) throw new Error(`BUG: ${key} is ${found}, not ${value}`);
}
