import { compileRe2, type Re2, Re2SyntaxError } from "../base/re2/compile.ts";
import type { Report } from "../core/plugin.ts";

/** Compiles a pattern; a mistake becomes a problem at `path` and `null`. */
export async function compilePattern(
  pattern: string,
  path: readonly (string | number)[],
  report: Report,
  options: { readonly whole?: boolean; readonly dotAll?: boolean } = {},
): Promise<Re2 | null> {
  try {
    const re2 = await compileRe2(pattern, options);
    if (re2.notice !== undefined) report.warn(path, "REGEX_SLOW", re2.notice);
    return re2;
  } catch (error) {
    if (!(error instanceof Re2SyntaxError)) throw error;
    report.error(path, "REGEX_INVALID", error.message, "a pattern in the RE2 dialect");
    return null;
  }
}

/** One entry of an include or exclude map: a key, and what its value must be. */
interface ValueRule {
  readonly key: string;
  readonly holds: (value: string) => boolean;
}

/** An include or exclude map of label or environment rules (iLogtail: OR over the entries). */
export type ValueRules = readonly ValueRule[];

/**
 * Reads a map of rules. An empty value takes any value, one that begins with `^` is a regular expression (searched),
 * all others are compared for equality.
 */
export async function readRules(
  given: Readonly<Record<string, string>>,
  path: readonly string[],
  report: Report,
): Promise<ValueRules> {
  const rules: ValueRule[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === "") rules.push({ key, holds: () => true });
    else if (!value.startsWith("^")) rules.push({ key, holds: (actual) => actual === value });
    else {
      const re2 = await compilePattern(value, [...path, key], report);
      if (re2 !== null) rules.push({ key, holds: (actual) => re2.test(actual) });
    }
  }
  return rules;
}

/** Whether one of the rules holds for the values. */
export function anyHolds(rules: ValueRules, values: ReadonlyMap<string, string>): boolean {
  for (const rule of rules) {
    const value = values.get(rule.key);
    if (value !== undefined && rule.holds(value)) return true;
  }
  return false;
}
