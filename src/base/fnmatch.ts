/** A set `[…]`, whose first character may be `]` itself; or what picomatch would take for a group of a pattern. */
const SET_OR_GROUP = /\[[!^]?\]?[^\]]*\]|[(){}|+]/g;

/**
 * fnmatch(3) as picomatch takes it. Negated sets are spelled `[!0-9]` there and `[^0-9]` here: left as it is, the `!`
 * would be a member of the set, and a pattern would take just the names that it leaves out. Parentheses, braces, bars and
 * signs of addition mean themselves, as in files called `app(1).log` and `[a]+.log`.
 */
export function asPicomatch(pattern: string): string {
  return pattern.replace(SET_OR_GROUP, (part) => {
    if (part.length === 1) return `\\${part}`;
    return part.startsWith("[!") ? `[^${part.slice(2)}` : part;
  });
}

/** What takes one character of a name: a set, an escaped character, any other one; or a row of stars. */
const ELEMENT = /\*+|\[[!^]?\]?[^\]]*\]|\\.|[^]/gu;

/**
 * A test for one name by a pattern with stars, in time of its length times that of the name: between two stars all
 * elements take one character each, so the first place where such a piece matches is as good as any later one. (As one
 * regular expression five stars take minutes on a name of 255 characters.) `compile` tests a piece without stars.
 */
export function starMatch(pattern: string, compile: (piece: string) => (text: string) => boolean) {
  const pieces: { width: number; text: string }[] = [{ width: 0, text: "" }];
  for (const [element] of pattern.matchAll(ELEMENT)) {
    const last = pieces[pieces.length - 1];
    if (element[0] === "*") pieces.push({ width: 0, text: "" });
    else {
      last.width += /^[[\\]/.test(element) && element.length > 1 ? 1 : element.length;
      last.text += element;
    }
  }
  // The character in front keeps what a leading dot means to the compiler out of it.
  const tests = pieces.map(({ width, text }) => ({ width, test: compile(`x${text}`) }));
  const first = tests.shift()!;
  const last = tests.pop()!;
  return (name: string): boolean => {
    const fits = ({ width, test }: typeof first, at: number) => test(`x${name.slice(at, at + width)}`);
    const end = name.length - last.width;
    let at = first.width;
    if (at > end || !fits(first, 0) || !fits(last, end)) return false;
    for (const piece of tests) {
      while (at + piece.width <= end && !fits(piece, at)) at++;
      if (at + piece.width > end) return false;
      at += piece.width;
    }
    return true;
  };
}
