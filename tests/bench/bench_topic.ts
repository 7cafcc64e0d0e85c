/** Reads a topic back with kcat and compares what is there with the lines it was made of. */
import { slsFields } from "../support/verify.ts";

/** What to compare with. */
export interface TopicCheck {
  bootstrap: string;
  topic: string;
  lines: number;
  /** Throws unless the value is what becomes of line `n`. */
  compare: (value: string, n: number) => void;
  /** Which stream line `n` belongs to: within one, order must hold. */
  stream: (n: number) => number;
}

/** What was found. */
export interface TopicFindings {
  records: number;
  distinct: number;
  /** Records parsed and found equal to their source line. */
  compared: number;
  outOfOrder: number;
  /** Bytes of all values. */
  valueBytes: number;
}

/** Every so-manieth line is parsed and compared. */
const SAMPLE_EVERY = 97;

const MARK = /[?" ]?\bn-(\d{10})/;

/** Throws at the first record that is not what its line says. */
export async function checkTopic(check: TopicCheck): Promise<TopicFindings> {
  const child = new Deno.Command("kcat", {
    args: [
      "-C",
      "-b",
      check.bootstrap,
      "-t",
      check.topic,
      "-q",
      "-u",
      "-e",
      "-o",
      "beginning",
      "-f",
      "%s\\n",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const seen = new Uint8Array(check.lines);
  const last = new Map<number, number>();
  const found: TopicFindings = { records: 0, distinct: 0, compared: 0, outOfOrder: 0, valueBytes: 0 };
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of child.stdout) {
    found.valueBytes += chunk.length;
    const text = rest + decoder.decode(chunk, { stream: true });
    let begin = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
      takeRecord(text.slice(begin, end), check, found, seen, last);
      begin = end + 1;
    }
    rest = text.slice(begin);
  }
  const { code } = await child.status;
  if (code !== 0 || rest !== "") throw new Error(`kcat ended with ${code}, rest '${rest.slice(0, 80)}'`);
  // Behind each value stands a newline.
  found.valueBytes -= found.records;
  return found;
}

function takeRecord(
  value: string,
  check: TopicCheck,
  found: TopicFindings,
  seen: Uint8Array,
  last: Map<number, number>,
): void {
  const n = Number(MARK.exec(value)?.[1] ?? -1);
  if (!(n >= 0 && n < check.lines)) throw new Error(`record ${found.records} is no line's: ${value}`);
  found.records++;
  if (seen[n]++ === 0) found.distinct++;
  const stream = check.stream(n);
  if (n < (last.get(stream) ?? -1)) found.outOfOrder++;
  last.set(stream, n);
  if (n % SAMPLE_EVERY !== 0) return;
  check.compare(value, n);
  found.compared++;
}

/** Throws unless an event of the agent's default form has exactly these fields. */
export function compareFields(value: string, n: number, expected: [string, string][]): void {
  const is = JSON.stringify(slsFields(value).fields);
  const shouldBe = JSON.stringify(expected);
  if (is !== shouldBe) throw new Error(`line ${n} became\n  ${is}\nand should be\n  ${shouldBe}`);
}
