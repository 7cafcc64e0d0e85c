import { makeBytes } from "../../base/buffers.ts";

/**
 * Cuts the longest text inside a JSON value, for the one record that a broker finds too large. Rare and slow on
 * purpose: it knows nothing of envelopes, so it works for all of them.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Below this a value is not cut any further. */
const VALUE_BYTES_MIN = 256;

/**
 * A value of about `bytesMax` bytes: its longest string cut, with a marker that says how much is missing. `null` when
 * the longest string is not what makes it long, or when it is not JSON.
 */
export function shrinkJson(value: Uint8Array, bytesMax: number): Uint8Array | null {
  if (bytesMax < VALUE_BYTES_MIN) return null;
  let root: unknown;
  try {
    root = JSON.parse(decoder.decode(value));
  } catch {
    return null;
  }
  const longest = findLongest({ root }, "root", null);
  if (longest === null) return null;
  const text = longest.holder[longest.key] as string;
  const textBytes = encoder.encode(text).length;
  const cut = value.length - bytesMax;
  if (textBytes <= cut + 64) return null;
  longest.holder[longest.key] = truncateText(text, textBytes - cut - 64, textBytes);
  const shrunk = encoder.encode(JSON.stringify(longest.top));
  return shrunk.length < value.length ? shrunk : null;
}

/** The head of a text, at most `bytesMax` of UTF-8, with a marker behind it. */
export function truncateText(text: string, bytesMax: number, textBytes: number): string {
  const room = makeBytes(Math.max(0, bytesMax));
  const { read, written } = encoder.encodeInto(text, room);
  return `${text.slice(0, read)}…[truncated ${textBytes - written} bytes]`;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly length: number;
  readonly top: unknown;
}

function findLongest(
  holder: Record<string, unknown>,
  key: string,
  best: Place | null,
  top?: unknown,
): Place | null {
  const value = holder[key];
  const root = top ?? value;
  if (typeof value === "string") {
    return best === null || value.length > best.length
      ? { holder, key, length: value.length, top: root }
      : best;
  }
  if (value === null || typeof value !== "object") return best;
  for (const inner of Object.keys(value)) {
    best = findLongest(value as Record<string, unknown>, inner, best, root);
  }
  return best;
}
