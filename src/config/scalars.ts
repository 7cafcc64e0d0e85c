/** Texts of YAML scalars -> values. `null` means: not one. */

/** `true`, `yes`, `on`, `y` and their opposites in any case: YAML 1.1's words, of which 1.2's are a part. */
export function parseFlag(text: string): boolean | null {
  if (/^(true|yes|on|y)$/i.test(text)) return true;
  if (/^(false|no|off|n)$/i.test(text)) return false;
  return null;
}

/** `42`, `-1`, `0x1F`, `0o17`; a leading 0 stays decimal. Beyond 2^53 it is not one: it would be rounded. */
export function parseInteger(text: string): number | null {
  const value = /^[+-]?\d+$/.test(text)
    ? Number(text)
    : /^0x[\da-f]+$/i.test(text) || /^0o[0-7]+$/i.test(text)
    ? Number(text)
    : NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** A decimal number with optional fraction and exponent. */
export function parseNumber(text: string): number | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** A time span as read, or why it is none: `form` (not a span), `tiny` (above 0 and below a millisecond). */
export type Duration = { readonly ms: number } | { readonly refused: "form" | "tiny"; readonly ns?: number };

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Go's spelling, `30s`, `1m30s`, `1.5h`, or a bare number of nanoseconds, as iLogtail reads it. Nobody means less
 * than a millisecond: `Timeout: 30` is a forgotten unit.
 */
export function parseDuration(text: string): Duration {
  const bare = /^\d+$/.test(text);
  if (!bare && !/^(\d+(\.\d+)?(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return { refused: "form" };
  let ms = 0;
  if (bare) ms = Number(text) / 1e6;
  else {
    for (const part of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g)) {
      ms += Number(part[1]) * UNIT_MS[part[2]];
    }
  }
  if (!Number.isFinite(ms)) return { refused: "form" };
  if (ms > 0 && ms < 1) return bare ? { refused: "tiny", ns: Number(text) } : { refused: "tiny" };
  return { ms };
}

/** `1500` -> `1500ms`, `90000` -> `90s`; for messages and reference pages. */
export function formatDuration(ms: number): string {
  if (ms >= 1000 && ms % 1000 === 0) return `${ms / 1000}s`;
  return `${ms}ms`;
}
