import type { Report } from "../core/plugin.ts";

/** Where files are looked for: a folder, a pattern of the name, and how far below. */
export interface FilePlace {
  /** Absolute and clean; may hold `*`, `?`, `[…]`, and `**` as its last element. */
  readonly folder: string;
  /** fnmatch pattern of the file name. */
  readonly name: string;
  /** Levels below the folder that are searched; 0: only the folder itself. */
  readonly depthMax: number;
}

/** Levels searched for `**` when no depth is written. */
export const DEPTH_OF_STARS = 100;

/** Without doubled or trailing slashes; `.` and `..` are taken out of an absolute path, as iLogtail does. */
export function cleanPath(path: string): string {
  if (!path.startsWith("/")) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Takes a 2.x path apart at its last slash. */
export function splitFilePath(path: string): { readonly folder: string; readonly name: string } {
  const clean = cleanPath(path);
  const slash = clean.lastIndexOf("/");
  return { folder: slash <= 0 ? "/" : clean.slice(0, slash), name: clean.slice(slash + 1) };
}

/** `depth` as written; unwritten it is 0, and 100 behind `**`. */
export function placeOf(folder: string, name: string, depth: number | undefined): FilePlace {
  return { folder, name, depthMax: depth ?? (folder.endsWith("/**") ? DEPTH_OF_STARS : 0) };
}

/** Whether a path of the pipeline can be looked for; if not, says why at `at`. */
export function checkPath(path: string, at: readonly (string | number)[], report: Report): boolean {
  if (!path.startsWith("/")) {
    report.error(at, "FILE_RELATIVE_PATH", `The path '${path}' is relative`, "an absolute path");
    return false;
  }
  return true;
}

/** `**` stands for any number of folders, so it must be a whole element, and the last one. */
export function checkStars(folder: string, at: readonly (string | number)[], report: Report): void {
  const parts = folder.split("/");
  if (!parts.some((part, i) => part.includes("**") && (part !== "**" || i < parts.length - 1))) return;
  report.error(
    at,
    "FILE_STARS",
    `In '${folder}' '**' is not the last folder`,
    "'**' as the last folder before the file name, or '*' for one level",
  );
}

/** The part of a folder pattern before its first wildcard: what must be visible. */
export function fixedFolder(folder: string): string {
  const parts = folder.split("/");
  const wild = parts.findIndex((part) => /[*?[]/.test(part));
  const fixed = (wild < 0 ? parts : parts.slice(0, wild)).join("/");
  return fixed === "" ? "/" : fixed;
}
