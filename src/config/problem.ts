import type { ProblemCode } from "./problem_codes.ts";

export type ProblemLevel = "error" | "warning";

/** One finding in a configuration. An error keeps its pipeline from loading, a warning does not. */
export interface Problem {
  /** One of {@linkcode ProblemCode}, or a code of the plugin that found it. */
  readonly code: ProblemCode | (string & Record<never, never>);
  readonly level: ProblemLevel;
  /** The file's name as printed. */
  readonly file: string;
  /** From 1; 0 when the whole file is meant. */
  readonly line: number;
  /** From 1; 0 when the whole line is meant. */
  readonly column: number;
  /** Path of the key, `inputs[0].FilePattern`; empty for the whole file. */
  readonly path: string;
  /** A sentence without final period, values in single quotes. */
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  /** What to do. */
  readonly help?: string;
  /** The line of the file, secrets masked. */
  readonly source?: string;
}

/** Steps from the root of a file to a key: names and indexes. */
export type KeyPath = readonly (string | number)[];

/** `["inputs", 0, "IncludeK8sLabel", "a.b/c"]` -> `inputs[0].IncludeK8sLabel['a.b/c']`. */
export function pathText(path: KeyPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `['${step}']`;
  }
  return text;
}

/** Whether any of them is an error. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.level === "error");
}
