import type { Random } from "../../core/host.ts";

/** Pause before try `failures` (1, 2, …): doubles from `firstMs` up to `maxMs`, then uniform in its upper half. */
export function backoffMs(failures: number, firstMs: number, maxMs: number, random: Random): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return whole / 2 + random() * whole / 2;
}
