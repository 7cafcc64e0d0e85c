/**
 * Where `NOMINAL_SECONDS` of the calibration comes from: `deno run -A tests/bench/nominal.ts`.
 *
 * The bars were set with a page of figures of single loops, taken on that machine. The same loops are timed here beside
 * the calibration; the machine is as much quicker than that one as they are, on the geometric mean.
 */
import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { crc32c } from "../../src/base/crc32c.ts";
import { ACCESS_REGEX, fileText } from "./bench_data.ts";
import { calibrate, leastCpuSeconds } from "./calibration.ts";

const LINES = 100_000;
const MILLION = 1e6 / LINES;
/** Events of a million lines there, bytes. */
const EVENT_BYTES = 784e6;
const CRI_HEADER = /^\S+ \S+ \S+ /;

let sink = 0;

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

const linesOf = (kind: "access" | "json" | "docker") =>
  Array.from({ length: LINES }, (_, n) => fileText(kind, n).trim());
const docker = linesOf("docker");
const plain = linesOf("json").map((line) => line.replace(CRI_HEADER, ""));
const access = linesOf("access").map((line) => line.replace(CRI_HEADER, ""));
const regex = new RegExp(ACCESS_REGEX);
const events = Buffer.from(
  access.map((line) =>
    `{"Time":1732710000,"Contents":[{"Key":"content","Value":${JSON.stringify(line)}},` +
    `{"Key":"_pod_uid_","Value":"07f75a79-da69-40ac-ae2b-77a632929cc6"},${
      '{"Key":"_k_","Value":"nginx"},'.repeat(13)
    }]}`
  ).join(""),
);
const params = { [zlib.constants.ZSTD_c_compressionLevel]: -5 };
const BATCH = 1024 * 1024;

/** What is timed, seconds for a million lines, and the figure there. */
const loops: [string, number, () => number][] = [
  [
    "JSON.parse, docker lines",
    0.435,
    () => MILLION * leastCpuSeconds(() => docker.forEach((line) => sink += JSON.parse(line).log.length)),
  ],
  [
    "JSON.parse, 8 keys",
    0.47,
    () =>
      MILLION * leastCpuSeconds(() => plain.forEach((line) => sink += Object.keys(JSON.parse(line)).length)),
  ],
  [
    "JSON.stringify, text",
    0.178,
    () => MILLION * leastCpuSeconds(() => access.forEach((line) => sink += JSON.stringify(line).length)),
  ],
  [
    "RegExp, 11 groups",
    0.25,
    () => MILLION * leastCpuSeconds(() => access.forEach((line) => sink += regex.exec(line)?.length ?? 0)),
  ],
  ["zstd at level -5, MB batches", 0.36, () =>
    EVENT_BYTES / events.length * leastCpuSeconds(() => {
      for (let at = 0; at < events.length; at += BATCH) {
        sink += zlib.zstdCompressSync(events.subarray(at, at + BATCH), { params }).length;
      }
    })],
  // 1.76 to 2.06 GB/s there.
  [
    "CRC-32C of the events",
    EVENT_BYTES / 1.9e9,
    () => EVENT_BYTES / events.length * leastCpuSeconds(() => sink ^= crc32c(events, 0, events.length)),
  ],
];

let product = 1;
const before = calibrate();
for (const [name, there, run] of loops) {
  const here = run();
  product *= here / there;
  say(`${name}: ${here.toFixed(3)} s, there ${there.toFixed(3)} s`);
}
const ratio = product ** (1 / loops.length);
const calibration = Math.min(before, calibrate());
say(
  `this machine takes ${ratio.toFixed(2)} times as long, calibration ${calibration.toFixed(4)} s: ` +
    `nominal ${(calibration / ratio).toFixed(4)} s (${sink === 0.5 ? "" : "done"})`,
);
