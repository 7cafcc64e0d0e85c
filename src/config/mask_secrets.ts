import type { KeyPath } from "./problem.ts";

/**
 * A line of a config file as it may be printed. What a problem shows must not carry a password into a log, also
 * where the key is misspelt (`Passwrd:`) and hence no schema says that it is a secret. `path` is the key that the
 * problem is about: its value may stand on a line of its own.
 */
export function maskSecrets(line: string, path: KeyPath = []): string {
  const mask = (_: string, before: string, value: string) => before + (isReference(value) ? value : "******");
  if (SECRET.test(line)) return line.replace(SECRET, mask);
  const isValue = path.some((step) => SECRET_NAME.test(String(step))) && !KEY_ALONE.test(line);
  return isValue ? line.replace(/^([\s-]*)(\S.*)$/, mask) : line;
}

/** What a key has in it that sounds like a secret. */
const SECRET_NAME = /pas|psw|pwd|secr|token|creden|privat/i;

/** Such a key, and all that follows it on the line (a flow map may go on behind it). No space behind a quoted key. */
const SECRET = new RegExp(`(\\w*(?:${SECRET_NAME.source})\\w*(?:["']\\s*:\\s*|\\s*:\\s+))(\\S.*)$`, "i");

/** Such a key with nothing behind it. */
const KEY_ALONE = new RegExp(`(?:${SECRET_NAME.source})\\w*["']?\\s*:\\s*$`, "i");

/** `${KAFKA_PASSWORD}` tells nothing but a name. */
function isReference(value: string): boolean {
  return /^["']?\$\{\w+\}["']?\s*$/.test(value) || /^["']?\$\{file:[^}]*\}["']?\s*$/.test(value);
}
