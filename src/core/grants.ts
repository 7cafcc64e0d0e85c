/** What a program may be granted. */
export type GrantKind = "read" | "write" | "env" | "net";

/** Asks the runtime whether this program may do something; never prompts, never throws. */
export type Granted = (kind: GrantKind, what: string) => boolean;
