import process from "node:process";

/** What {@linkcode calibrate} gave on the machine the bars were set on, when it was quiet. */
export const NOMINAL_SECONDS = 0.16;

/**
 * CPU seconds of a fixed loop over bytes, best of three: machines differ and other work makes caches cold, so figures
 * are compared as ratios to this, taken in the same minute.
 */
export function calibrate(): number {
  const bytes = new Uint8Array(1024 * 1024);
  for (let i = 0, x = 1; i < bytes.length; i++) bytes[i] = (x = Math.imul(x, 1103515245) + 12345 | 0) >>> 16;
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const { user, system } = process.cpuUsage();
    let sum = 0;
    for (let pass = 0; pass < 300; pass++) sum = sumOf(bytes, sum);
    const after = process.cpuUsage();
    if (sum === 0.5) throw new Error("BUG: never");
    best = Math.min(best, (after.user - user + after.system - system) / 1e6);
  }
  return best;
}

/**
 * Runs something between two calibrations and adds `slowness`: how much longer the loop took around it than on the
 * machine the bars were set on. The quicker one counts: a moment's disturbance must not make a bar easier to meet.
 */
export async function calibrated<T extends object>(run: () => Promise<T>): Promise<T & { slowness: number }> {
  const before = calibrate();
  const result = await run();
  return { ...result, slowness: Math.min(before, calibrate()) / NOMINAL_SECONDS };
}

function sumOf(bytes: Uint8Array, sum: number): number {
  for (let i = 0; i < bytes.length; i++) sum = (sum ^ bytes[i]) + (sum << 5) | 0;
  return sum;
}
