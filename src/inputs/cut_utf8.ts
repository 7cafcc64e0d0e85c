import { utf8Cut } from "../base/utf8.ts";

/** The text's longest beginning that has at most `bytesMax` bytes in UTF-8; iLogtail cuts paths and ids in tags. */
export function cutUtf8(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= bytesMax) return text;
  return new TextDecoder().decode(bytes.subarray(0, utf8Cut(bytes, 0, bytesMax)));
}
