import type { Granted } from "../core/grants.ts";

/** Where `${…}` looks its values up. */
export interface ReferenceSources {
  /** An environment variable; `undefined` when unset. */
  readonly env: (name: string) => string | undefined;
  /** A small text file; `null` when it cannot be read. */
  readonly readText: (path: string) => string | null;
  /** Whether the program may ask for that variable, or read that file, at all. Absent: it may. */
  readonly granted?: Granted;
}

/** A text with its references replaced, and what went wrong. */
export interface Expanded {
  readonly text: string;
  /** Names without value and default; they became empty text. */
  readonly unset: readonly string[];
  /** Names that the program may not ask for, whatever they are set to; with a default that was taken. */
  readonly denied: readonly string[];
  /** Files that cannot be read. */
  readonly unreadable: readonly string[];
}

/**
 *     ${NAME}           the environment variable
 *     ${NAME:default}   the same, with a text for when it is unset ('$}' is a '}' in there)
 *     ${file:/path}     the file's content without its last newline (a mounted secret)
 *     $${NAME}          the text '${NAME}'
 *
 * All else stays as written: `$` and `$$` mean something in regular expressions, so the escape is only one right
 * before a reference (iLogtail turns every `$$` into `$`).
 */
const REFERENCE = /(\$?)\$\{([A-Za-z_]\w*)(?::((?:[^}$]|\$(?!\})|\$\})*))?\}/g;

/** Replaces the references of one scalar. Values are not looked through again. */
export function expandReferences(text: string, sources: ReferenceSources): Expanded {
  if (!text.includes("${")) return { text, unset: [], denied: [], unreadable: [] };
  const unset: string[] = [];
  const denied: string[] = [];
  const unreadable: string[] = [];
  const expanded = text.replace(
    REFERENCE,
    (all: string, escape: string, name: string, rest: string | undefined) => {
      if (escape !== "") return all.slice(1);
      if (name === "file" && rest !== undefined) {
        const content = sources.readText(rest);
        if (content === null) unreadable.push(rest);
        return (content ?? "").replace(/\r?\n$/, "");
      }
      const value = sources.env(name);
      if (value !== undefined) return value;
      if (sources.granted?.("env", name) === false) denied.push(name);
      else if (rest === undefined) unset.push(name);
      return (rest ?? "").replaceAll("$}", "}");
    },
  );
  return { text: expanded, unset, denied, unreadable };
}
