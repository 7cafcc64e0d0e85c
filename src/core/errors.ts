/**
 * Errors of the agent: a code for machines, a sentence for people, a cause. Whether to try again is the type,
 * never the text. A broken invariant of our own is not one of these: it is `throw new Error("BUG: …")`.
 */
export class AgentError extends Error {
  /** Stable name, upper case with underscores, for instance `KAFKA_NOT_LEADER`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The world may be better in a moment: try again, for ever, with a pause. */
export class RetriableError extends AgentError {}

/** Trying again changes nothing: a person or another input is needed. */
export class PermanentError extends AgentError {}

/** The sentence of anything thrown, with the sentences of its causes behind it. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    const text = at instanceof Error ? at.message : String(at);
    if (text !== "" && !parts.includes(text)) parts.push(text);
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join(": ");
}
