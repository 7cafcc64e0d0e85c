/** How lines that are written live are dealt out over files; the writer and who checks must agree. */

/** Lines of one slice of time at the full rate, dealt out over the files in runs of neighbours. */
export const SLICE_LINES = 1000;
export const SLICES_PER_SECOND = 100;

/** The file that line `n` goes into. */
export function fileOfLive(n: number, files: number): number {
  return Math.floor((n % SLICE_LINES) * files / SLICE_LINES);
}
