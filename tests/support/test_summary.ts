/** Reads the closing line of `deno test`, and the skip marks of suites, out of a run's output. */
import { skipMark } from "./system.ts";

/** Counts of one or more runs. */
export interface Summary {
  passed: number;
  failed: number;
  ignored: number;
  /** Why suites were skipped, each once. */
  skips: { reason: string; remedy: string }[];
}

// deno-lint-ignore no-control-regex -- the colours that some output keeps.
const colours = /\x1b\[[0-9;]*m/g;

/** Counts of one run; undefined when it ended before it had any (modules that could not be loaded). */
export function readSummary(output: string): Summary | undefined {
  const plain = output.replace(colours, "");
  const steps = String.raw`(?: \(\d+ steps?\))?`;
  const pattern = new RegExp(
    String.raw`^(?:ok|FAILED) \| (\d+) passed${steps} \| (\d+) failed${steps}(?: \| (\d+) ignored)?`,
    "gm",
  );
  // The last one: tests of tests may print such a line themselves.
  const closing = [...plain.matchAll(pattern)].at(-1);
  if (closing === undefined) return undefined;
  const [passed, failed, ignored] = closing.slice(1).map((text) => Number(text ?? 0));
  return { passed, failed, ignored, skips: readSkips(plain) };
}

function readSkips(plain: string): Summary["skips"] {
  const texts = plain.split("\n").filter((line) => line.startsWith(skipMark));
  return [...new Set(texts)].map((line) => JSON.parse(line.slice(skipMark.length)));
}

/** The line that a full run ends with. */
export function closingLine(total: Summary): string {
  return `${total.passed} passed, ${total.failed} failed`;
}
