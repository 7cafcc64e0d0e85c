import process from "node:process";
import { Buffer } from "node:buffer";
import zlib from "node:zlib";

/**
 * What {@linkcode calibrate} gives on the machine the bars were set on, when it is quiet. Derived by nominal.ts: five
 * times on quiet days it took 0.0129 to 0.0140, while the single loops whose figures are known from there took 0.87 to
 * 0.95 times as long as there.
 */
export const NOMINAL_SECONDS = 0.0145;

/** Each part is timed so often, and its best counts: neighbours disturb some of them. */
const ROUNDS = 7;

/**
 * CPU seconds of fixed work that is of the agent's kind: a loop over bytes, compression of record batches, text. A loop
 * alone does not see a slow memory, by which machines differ as much. Figures are compared as ratios to this, taken in
 * the same minute.
 */
export function calibrate(): number {
  const bytes = eventsText();
  const text = bytes.toString("latin1", 0, 1024 * 1024).split('"');
  return leastCpuSeconds(() => sumOf(bytes)) + leastCpuSeconds(() => packAll(bytes)) +
    leastCpuSeconds(() => JSON.parse(JSON.stringify(text)));
}

/**
 * Runs something between two calibrations and adds `slowness`: how much longer the work took around it than on the
 * machine the bars were set on. The quicker one counts: a moment's disturbance must not make a bar easier to meet.
 */
export async function calibrated<T extends object>(run: () => Promise<T>): Promise<T & { slowness: number }> {
  const before = calibrate();
  const result = await run();
  return { ...result, slowness: Math.min(before, calibrate()) / NOMINAL_SECONDS };
}

/** Eight MB of events, the same each time. */
function eventsText(): Buffer {
  const lines: string[] = [];
  for (let i = 0, x = 1; i < 40_000; i++) {
    x = Math.imul(x, 1103515245) + 12345 | 0;
    lines.push(
      `{"Time":17327${10_000 + i},"Contents":[{"Key":"content","Value":"10.1.${i % 250}.${x & 255} - - ` +
        `\\"GET /items/${x >>> 3} HTTP/1.1\\" 200 ${i % 9000}"},{"Key":"_container_name_","Value":"nginx"},` +
        `{"Key":"_source_","Value":"stdout"}]}`,
    );
  }
  return Buffer.from(lines.join("\n"));
}

function packAll(bytes: Uint8Array): void {
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: -5 };
  const batchBytes = 384 * 1024;
  for (let at = 0; at < bytes.length; at += batchBytes) {
    zlib.zstdCompressSync(bytes.subarray(at, at + batchBytes), { params });
  }
}

function sumOf(bytes: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (sum ^ bytes[i]) + (sum << 5) | 0;
  if (sum === 0.5) throw new Error("BUG: never");
}

/** CPU seconds of the quickest of some rounds. */
export function leastCpuSeconds(work: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const { user, system } = process.cpuUsage();
    work();
    const after = process.cpuUsage();
    least = Math.min(least, (after.user - user + after.system - system) / 1e6);
  }
  return least;
}
