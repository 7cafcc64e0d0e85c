import { visibleLine } from "../base/visible_text.ts";
import type { Problem } from "./problem.ts";

/** Problems printed in full at once; a folder of broken files must not fill the log of a node. */
export const PROBLEMS_PRINTED_MAX = 100;
/** Longer lines are cut around the column. */
const SOURCE_CHARS_MAX = 160;

/**
 * All problems as a person reads them, in the order of files and lines:
 *
 *     error CONFIG_UNKNOWN_OPTION  nginx.yaml:8:9
 *       flushers[0].Brokrs: Unknown option 'Brokrs'
 *         8 |     Brokrs:
 *           |     ^
 *       help: Did you mean 'Brokers'?
 *     1 error
 *
 * `closing` is the half sentence behind the counts, for instance `the running configuration is unchanged`.
 */
export function printProblems(
  problems: readonly Problem[],
  closing = "",
  max = PROBLEMS_PRINTED_MAX,
): string {
  const shown = inOrder(problems).slice(0, max).map(printProblem);
  const errors = problems.filter((problem) => problem.level === "error").length;
  const rest = problems.length - shown.length;
  const counts = [count(errors, "error"), count(problems.length - errors, "warning")].filter((part) =>
    part !== ""
  );
  const last = (counts.length === 0 ? "no problems" : counts.join(", ")) +
    (rest > 0 ? ` (${rest} more not shown)` : "") + (closing === "" ? "" : `; ${closing}`);
  return [...shown, last].join("\n") + "\n";
}

/** One problem, without final newline. What stands in the file cannot steer a terminal, nor fake a line. */
export function printProblem(problem: Problem): string {
  const at = problem.line === 0
    ? problem.file
    : `${problem.file}:${problem.line}${problem.column === 0 ? "" : `:${problem.column}`}`;
  const lines = [
    `${problem.level} ${problem.code}  ${at}`,
    `  ${problem.path === "" ? "" : `${problem.path}: `}${problem.message}`,
  ];
  if (problem.source !== undefined) lines.push(...excerpt(problem.source, problem.line, problem.column));
  if (problem.found !== undefined) lines.push(`  found: ${problem.found}`);
  if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`);
  if (problem.help !== undefined) lines.push(`  help: ${problem.help}`);
  return lines.map(visibleLine).join("\n");
}

/** Files in the order of their names, and in each one by line: a person goes through a file once. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.file))].sort();
  return files.flatMap((file) =>
    problems.filter((problem) => problem.file === file)
      .sort((a, b) => a.line - b.line || a.column - b.column)
  );
}

function excerpt(source: string, line: number, column: number): string[] {
  const cut = Math.max(0, Math.min(column - 1 - SOURCE_CHARS_MAX / 2, source.length - SOURCE_CHARS_MAX));
  // One character each, so that the caret stays below its own.
  const window = source.slice(cut, cut + SOURCE_CHARS_MAX).trimEnd().replace(/[^\P{C}\t]/gu, "\ufffd");
  const ahead = cut > 0 ? "…" : "";
  const text = `    ${line} | ${ahead}${window}`;
  const begin = column - 1 - cut;
  if (column === 0 || begin > window.length) return [text];
  // Tabs stay tabs, so that the caret stands under its character whatever their width.
  const pad = ahead.replace("…", " ") + window.slice(0, begin).replace(/[^\t]/g, " ");
  return [text, `    ${" ".repeat(String(line).length)} | ${pad}^`];
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}
