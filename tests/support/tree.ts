/** The files that people keep in the repository, for tests that look at the tree as a whole. */
import { projectRoot } from "./paths.ts";

/** What is made here and not kept; the same as in .gitignore. */
const skipped = new Set([".git", "node_modules", "dist", "coverage", ".denotail", ".cache"]);

/** Files below a folder, relative to the root and sorted. `end` is how their names end. */
export function filesBelow(folder: string, end = ""): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(`${projectRoot}/${folder}`)) {
    if (skipped.has(entry.name)) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...filesBelow(path, end));
    else if (entry.isFile && entry.name.endsWith(end)) found.push(path);
  }
  return found.sort();
}

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return Deno.readTextFileSync(`${projectRoot}/${path}`);
}
