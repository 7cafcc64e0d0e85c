/** One entry of {@linkcode walk}: the folder entry plus its path. */
export interface WalkEntry extends Deno.DirEntry {
  /** Path below the walked root, joined with `/`. */
  path: string;
}

/** Options of {@linkcode walk}; the subset of the published package that is used here. */
export interface WalkOptions {
  /** Levels below the root; default: no limit. */
  maxDepth?: number;
  /** Whether files are yielded; default true. */
  includeFiles?: boolean;
  /** Whether folders are yielded; default true. */
  includeDirs?: boolean;
}

/** Yields the root and everything below it, parents first; symbolic links are yielded, not followed. */
export async function* walk(root: string, options: WalkOptions = {}): AsyncIterableIterator<WalkEntry> {
  const { maxDepth = Infinity, includeFiles = true, includeDirs = true } = options;
  if (maxDepth < 0) return;
  if (includeDirs) {
    const info = await Deno.stat(root);
    const name = root.replace(/\/+$/, "").split("/").pop() ?? root;
    yield { path: root, name, isFile: info.isFile, isDirectory: info.isDirectory, isSymlink: info.isSymlink };
  }
  if (maxDepth < 1) return;
  for await (const entry of Deno.readDir(root)) {
    const path = root.endsWith("/") ? root + entry.name : `${root}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path, { maxDepth: maxDepth - 1, includeFiles, includeDirs });
    else if (includeFiles) yield { path, ...entry };
  }
}
