/** A set `[…]`, whose first character may be `]` itself; or what picomatch would take for a group of a pattern. */
const SET_OR_GROUP = /\[[!^]?\]?[^\]]*\]|[(){}|]/g;

/**
 * fnmatch(3) as picomatch takes it. Negated sets are spelled `[!0-9]` there and `[^0-9]` here: left as it is, the `!`
 * would be a member of the set, and a pattern would take just the names that it leaves out. Parentheses, braces and bars mean
 * themselves, as in a file called `app(1).log`.
 */
export function asPicomatch(pattern: string): string {
  return pattern.replace(SET_OR_GROUP, (part) => {
    if (part.length === 1) return `\\${part}`;
    return part.startsWith("[!") ? `[^${part.slice(2)}` : part;
  });
}
