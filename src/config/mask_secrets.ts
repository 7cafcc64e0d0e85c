/**
 * A line of a config file as it may be printed. What a problem shows must not carry a password into a log, also
 * where the key is misspelt (`Passwrd:`) and hence no schema says that it is a secret.
 */
export function maskSecrets(line: string): string {
  return line.replace(
    SECRET,
    (_, key: string, value: string) => key + (isReference(value) ? value : "******"),
  );
}

/** A key that sounds like a secret, and all that follows it on the line (a flow map may go on behind it). */
const SECRET = /(\w*(?:pas|psw|pwd|secr|token|creden|privat)\w*["']?\s*:\s+)(\S.*)$/i;

/** `${KAFKA_PASSWORD}` tells nothing but a name. */
function isReference(value: string): boolean {
  return /^["']?\$\{\w+\}["']?\s*$/.test(value) || /^["']?\$\{file:[^}]*\}["']?\s*$/.test(value);
}
