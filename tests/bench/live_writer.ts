/**
 * Another process that appends lines at a steady rate, for live_case.ts:
 * `deno run -A live_writer.ts <folder> <files> <lines> <lines per second>`. Says `ready`, waits for a line on standard
 * input, writes, and says `done <milliseconds it took> <wall clock at the end>`.
 */
import { fileText } from "./bench_data.ts";
import { fileOfLive, SLICES_PER_SECOND } from "./live_slices.ts";

const [folder, ...numbers] = Deno.args;
const [files, lines, rate] = numbers.map(Number);
const encoder = new TextEncoder();

/** What goes into each file in one slice of time, made before the clock runs. */
function makeSlices(): Uint8Array[][] {
  const slices: Uint8Array[][] = [];
  const perSlice = Math.round(rate / SLICES_PER_SECOND);
  for (let from = 0; from < lines; from += perSlice) {
    const texts: string[] = Array(files).fill("");
    for (let n = from; n < Math.min(lines, from + perSlice); n++) {
      texts[fileOfLive(n, files)] += fileText("access", n);
    }
    slices.push(texts.map((text) => encoder.encode(text)));
  }
  return slices;
}

const slices = makeSlices();
const open = Array.from(
  { length: files },
  (_, file) => Deno.openSync(`${folder}/${file}.log`, { append: true }),
);
Deno.stdout.writeSync(encoder.encode("ready\n"));
await Deno.stdin.read(new Uint8Array(1));
const begin = performance.now();
for (const [index, slice] of slices.entries()) {
  const waitMs = begin + index * 1000 / SLICES_PER_SECOND - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  for (const [file, bytes] of slice.entries()) {
    for (let at = 0; at < bytes.length;) at += open[file].writeSync(bytes.subarray(at));
  }
}
Deno.stdout.writeSync(encoder.encode(`done ${performance.now() - begin} ${Date.now()}\n`));
