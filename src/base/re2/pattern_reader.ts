import { Re2SyntaxError } from "./syntax_error.ts";

/** A cursor over a pattern, by code point. The pattern must be well-formed. */
export class PatternReader {
  at = 0;

  constructor(readonly pattern: string) {
    if (!pattern.isWellFormed()) throw new Re2SyntaxError("invalid UTF-8", 0, pattern);
  }

  get atEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  /** The UTF-16 unit `ahead` places on, "" at the end. */
  peek(ahead = 0): string {
    return this.pattern.charAt(this.at + ahead);
  }

  startsWith(text: string): boolean {
    return this.pattern.startsWith(text, this.at);
  }

  /** Takes one code point; the caller knows that there is one. */
  take(): number {
    const codePoint = this.pattern.codePointAt(this.at)!;
    this.at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  /** The text from `start` up to the cursor. */
  since(start: number): string {
    return this.pattern.slice(start, this.at);
  }
}
