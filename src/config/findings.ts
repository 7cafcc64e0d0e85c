import { maskSecrets } from "./mask_secrets.ts";
import { type KeyPath, pathText, type Problem, type ProblemLevel } from "./problem.ts";
import type { ProblemCode } from "./problem_codes.ts";
import type { Place } from "./yaml_node.ts";

/** What a finding may say beyond its sentence. */
export interface FindingNotes {
  readonly found?: string;
  readonly expected?: string;
  readonly help?: string;
}

/** Collects the problems of one file and adds what only the file knows: its name and the line as written. */
export class Findings {
  readonly list: Problem[] = [];
  readonly #file: string;
  readonly #lines: readonly string[];

  constructor(file: string, lines: readonly string[]) {
    this.#file = file;
    this.#lines = lines;
  }

  /** An error at a place; `null` means the whole file. */
  error(code: ProblemCode, place: Place | null, path: KeyPath, message: string, notes?: FindingNotes): void {
    this.add("error", code, place, path, message, notes);
  }

  /** A warning at a place. */
  warn(code: ProblemCode, place: Place | null, path: KeyPath, message: string, notes?: FindingNotes): void {
    this.add("warning", code, place, path, message, notes);
  }

  /** The same with a code that a plugin chose. */
  add(
    level: ProblemLevel,
    code: string,
    place: Place | null,
    path: KeyPath,
    message: string,
    notes: FindingNotes = {},
  ): void {
    const source = place === null ? undefined : this.#lines[place.line - 1];
    this.list.push({
      code,
      level,
      file: this.#file,
      line: place?.line ?? 0,
      column: place?.column ?? 0,
      path: pathText(path),
      message,
      ...notes,
      ...(source === undefined ? {} : { source: maskSecrets(source, path) }),
    });
  }

  get hasErrors(): boolean {
    return this.list.some((problem) => problem.level === "error");
  }
}
