const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Text of one runtime's form in the other's: JSON-escaped bytes from plain ones (`toEscaped`), or back. Only for
 * records whose pieces two runtimes wrote into one file, so it need not be fast.
 */
export function reescape(bytes: Uint8Array, toEscaped: boolean): Uint8Array {
  const text = decoder.decode(bytes);
  return encoder.encode(toEscaped ? JSON.stringify(text).slice(1, -1) : unescapeText(text));
}

/** Text of a JSON string without its quotes; text that JSON refuses stays as it is. */
export function unescapeText(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
