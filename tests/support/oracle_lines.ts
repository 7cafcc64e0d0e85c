/**
 * The lines that every run against a real broker writes. One is
 *
 *   <stream> <sequence> <written at, wall ms> <check sum> <filling>
 *
 * with sequences from 1 without a gap. The filling is a function of the sequence and the sum one of the rest, so that
 * whatever byte is another one shows. A busybox can write them, too.
 */

/** Filling of a line, as {@linkcode oracleLines} and the awk program below make it: 4 to 52 digits. */
const filling = (sequence: number) => `${sequence % 7}`.repeat(sequence % 7 * 8 + 4);

const MODULUS = 1000003;
const PER_SEQUENCE = 7919;
const PER_MS = 7907;

/** All terms are below 2^53 up to sequence 10^9, so awk's numbers give the same. */
function checkSum(stream: number, sequence: number, ms: number): number {
  return (stream + sequence * PER_SEQUENCE + (ms % MODULUS) * PER_MS) % MODULUS;
}

function streamSum(stream: string): number {
  let sum = 7;
  for (let at = 0; at < stream.length; at++) sum = (sum * 31 + stream.charCodeAt(at)) % MODULUS;
  return sum;
}

/** Lines `from` to `to` of a stream, each with its line feed. */
export function oracleLines(stream: string, from: number, to: number, nowMs = Date.now()): string {
  const own = streamSum(stream);
  let text = "";
  for (let sequence = from; sequence <= to; sequence++) {
    text += `${stream} ${sequence} ${nowMs} ${checkSum(own, sequence, nowMs)} ${filling(sequence)}\n`;
  }
  return text;
}

/** What {@linkcode oracleWriter} shall write. */
export interface WriterOptions {
  stream: string;
  bursts: number;
  perBurst: number;
  /** Behind each burst. */
  pauseSeconds: number;
  /** Where to, e.g. `>>/root/log/app.log` or `>&2`. Default: standard output. */
  redirect?: string;
  /** First sequence. */
  from?: number;
}

/** A busybox command that writes such lines. A burst has one time, that of its begin, to 10 ms. */
export function oracleWriter(options: WriterOptions): string {
  const { stream, bursts, perBurst, pauseSeconds, redirect = "", from = 1 } = options;
  // No busybox knows milliseconds; the time since boot comes in hundredths, and is the same in a container.
  const [seconds, hundredths] = Deno.readTextFileSync("/proc/uptime").split(" ")[0].split(".").map(Number);
  const bootMs = Date.now() - seconds * 1000 - hundredths * 10;
  const clock = `getline u <"/proc/uptime"; split(u,w," "); split(w[1],q,"."); t=${bootMs}+q[1]*1000+q[2]*10`;
  const sum = `(h+i*${PER_SEQUENCE}+(t%${MODULUS})*${PER_MS})%${MODULUS}`;
  const line =
    `f=i%7; s=""; for(k=0;k<f*8+4;k++) s=s f; printf "%s %d %.0f %.0f %s\\n", src, i, t, ${sum}, s`;
  const variables = `-v src=${stream} -v h=${streamSum(stream)} -v a=$a -v b=$b`;
  const awk = `awk ${variables} 'BEGIN{${clock}; for(i=a;i<=b;i++){${line}}}'`;
  return `a=${from}; n=0; while [ $n -lt ${bursts} ]; do b=$((a+${perBurst}-1)); ${awk} ${redirect}; ` +
    `a=$((b+1)); n=$((n+1)); sleep ${pauseSeconds}; done`;
}

/** What a line says. */
export interface OracleLine {
  stream: string;
  sequence: number;
  writtenMs: number;
}

/** Reads a line without its line feed; `undefined` when it is damaged. */
export function readOracleLine(line: string): OracleLine | undefined {
  const [stream, sequenceText, msText, sumText, fill, ...more] = line.split(" ");
  const sequence = Number(sequenceText), writtenMs = Number(msText);
  // A number of another form, like `1.0` or ` 7`, is damage, too.
  if (String(sequence) !== sequenceText || String(writtenMs) !== msText || more.length > 0) return undefined;
  if (fill !== filling(sequence)) return undefined;
  if (String(checkSum(streamSum(stream), sequence, writtenMs)) !== sumText) return undefined;
  return { stream, sequence, writtenMs };
}
