/**
 * Spells the negated sets of fnmatch(3), `[!0-9]`, as picomatch takes them, `[^0-9]`. Left as it is, the `!` would be
 * a member of the set, and a pattern would take just the names that it leaves out.
 */
export function withCaretSets(pattern: string): string {
  return pattern.replace(/\[!/g, "[^");
}
