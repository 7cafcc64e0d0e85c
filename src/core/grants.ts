/** What a program may be granted. */
export type GrantKind = "read" | "write" | "env" | "net" | "sys";

/** What can be given back while the program runs: a kind as a whole. Of paths Deno would give back the folder around. */
export type GivenBack = "env" | "sys";

/** Asks the runtime whether this program may do something; never prompts, never throws. */
export type Granted = (kind: GrantKind, what: string) => boolean;
