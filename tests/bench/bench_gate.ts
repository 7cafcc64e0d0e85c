/** What a bench must reach, and whether it did. */

/** One bar and what was measured against it. */
export interface Check {
  /** Workload and quantity. */
  what: string;
  measured: number;
  bar: number;
  /** Behind the numbers: "CPU-s per million", "ms", "MiB". */
  unit: string;
  /**
   * How much longer the calibration loop took in the same minute than on the quiet machine that the bar was set on; 1
   * for what does not depend on the machine's speed. The bar is multiplied with it.
   */
  slowness: number;
}

/** What the bar is on this machine now. */
export function barNow({ bar, slowness }: Check): number {
  return bar * slowness;
}

/** Half of the last digit that is printed: 1.104 is printed as 1.10 and meets 1.1. */
const ROUNDING = 0.005;

export function isMet(check: Check): boolean {
  return check.measured < barNow(check) + ROUNDING;
}

const digits = (value: number) => value >= 100 ? value.toFixed(0) : value.toFixed(2);

/** `MET` or `MISSED` with the numbers behind it. */
export function checkText(check: Check): string {
  const scaled = check.slowness === 1
    ? ""
    : ` (${digits(check.bar)} at calibration 1, now ${check.slowness.toFixed(2)})`;
  return `${isMet(check) ? "MET   " : "MISSED"} ${check.what}: ${digits(check.measured)} of ${
    digits(barNow(check))
  } ${check.unit}${scaled}`;
}

/** All checks, one a line, and a closing line. */
export function gateText(checks: readonly Check[]): string {
  const missed = checks.filter((check) => !isMet(check)).length;
  const closing = `${checks.length - missed} bars met, ${missed} missed`;
  return [...checks.map(checkText), closing].join("\n");
}
