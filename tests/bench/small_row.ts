import type { Check } from "./bench_gate.ts";

/** A line of the page about something that is no delivery of complete files. */
export interface SmallRow {
  what: string;
  figure: string;
  goal: string;
  checks: Check[];
}

/** The value at a part of a sorted list: 0.5 is the median. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export function median(values: readonly number[]): number {
  return percentile(values.toSorted((a, b) => a - b), 0.5);
}

export function mib(bytes: number): string {
  return (bytes / 1048576).toFixed(0);
}
