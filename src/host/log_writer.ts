const encoder = new TextEncoder();

/**
 * Writes to standard error, synchronously: the last words before an exit must be out. A reader that went away (a
 * closed pipe) is no reason to stop collecting.
 */
export function writeStderr(text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // Nobody is left to tell.
  }
}
