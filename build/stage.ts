/**
 * The tree that is compiled: a copy of the sources with the packages beside them, as far as a program runs them. What
 * lies in this folder is what the binary holds, with every version of Deno.
 */
import { isLeftover, isUnusedPackage } from "./leave_out.ts";

/** Runs a program with its output shown; throws when it fails. */
export type Run = (command: readonly string[], cwd: string) => Promise<void>;

/** What the binary is made of, in the checkout; the image's build gets the same, and what builds it. */
export const SOURCES = ["main.ts", "worker.ts", "src", "vendor", "deno.lock"] as const;

/** Fills `folder` from the checkout at `root`; `deno` is the command of the Deno that will compile. */
export async function stage(root: string, folder: string, deno: readonly string[], run: Run): Promise<void> {
  for (const name of SOURCES) {
    copy(`${root}/${name}`, `${folder}/${name}`);
  }
  const config = JSON.parse(Deno.readTextFileSync(`${root}/deno.json`));
  // "auto" makes a folder of packages from the lock file; with "manual" what is in it counts, and nothing else.
  const { name, version, license, exports, links, compilerOptions } = config;
  const used = importedAtRunTime(sourceTexts(root));
  const imports = Object.fromEntries(
    Object.entries<string>(config.imports).filter(([key]) => isUsed(key, used)),
  );
  const write = (nodeModulesDir: string) =>
    Deno.writeTextFileSync(
      `${folder}/deno.json`,
      JSON.stringify({ name, version, license, exports, nodeModulesDir, imports, links, compilerOptions }),
    );
  write("auto");
  await run([...deno, "install", "--quiet", "--frozen=false"], folder);
  prune(`${folder}/node_modules`);
  write("manual");
  // Some packages are loaded only when they are needed: all of them have to be whole now.
  const packages = Object.keys(imports).filter((name) => imports[name].startsWith("npm:"));
  const tryAll = packages.map((name) => `await import(${JSON.stringify(name)});`).join("\n");
  await run([...deno, "eval", "--no-lock", tryAll], folder);
}

/** What sources import other than as types: packages that only types come from stay out. */
export function importedAtRunTime(texts: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const text of texts) {
    const code = text.replace(/^(?:import|export) type\b[^;]*;/gm, "");
    for (const [, name] of code.matchAll(/(?:\bfrom |\bimport\(|^import )"([^".][^"]*)"/gm)) found.add(name);
  }
  return found;
}

/** Whether an entry of `imports` is asked for, as itself or by a path below it. */
function isUsed(key: string, used: ReadonlySet<string>): boolean {
  return [...used].some((name) => name === key || name.startsWith(`${key}/`));
}

/** Texts of all sources of the program. */
export function sourceTexts(root: string): string[] {
  const read = (folder: string): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? read(`${folder}/${name}`) : [Deno.readTextFileSync(`${folder}/${name}`)]
    );
  const texts = ["main.ts", "worker.ts"].map((name) => Deno.readTextFileSync(`${root}/${name}`));
  return [...texts, ...read(`${root}/src`)];
}

function copy(from: string, to: string): void {
  if (Deno.statSync(from).isFile) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
}

/** Deno's layout: `.deno/<name>@<version>/node_modules/<name>/…` and links to it from everywhere. */
function prune(modules: string): void {
  const store = `${modules}/.deno`;
  for (const entry of [...Deno.readDirSync(store)]) {
    if (!entry.isDirectory) Deno.removeSync(`${store}/${entry.name}`);
    else {
      // `@types+node@24.0.0`, and with peers `a@1.0.0_b@2.0.0`.
      const name = /^(@?[^@]+)@/.exec(entry.name)?.[1].replace("+", "/") ?? entry.name;
      const packageFolder = `${store}/${entry.name}/node_modules/${name}`;
      if (isUnusedPackage(name)) Deno.removeSync(`${store}/${entry.name}`, { recursive: true });
      else if (isFolder(packageFolder)) sweep(packageFolder, "", isLeftover);
    }
  }
  sweep(
    modules,
    "",
    (path) =>
      /(?:^|\/)(?:\.bin\/.*|\.initialized|\.scripts-warned|\.setup-cache\.bin|\.deno\.lock)$/.test(path),
  );
  dropDeadLinks(modules);
}

/** Removes files of the tree, and folders that become empty. Links are not followed. True: nothing is left. */
function sweep(folder: string, below: string, isOut: (path: string) => boolean): boolean {
  let left = 0;
  for (const entry of [...Deno.readDirSync(`${folder}/${below}`)]) {
    const path = below + entry.name;
    const isGone = entry.isDirectory ? sweep(folder, `${path}/`, isOut) : isOut(path);
    if (!isGone) left++;
    else if (!entry.isDirectory) Deno.removeSync(`${folder}/${path}`);
  }
  if (left === 0 && below !== "") Deno.removeSync(`${folder}/${below}`);
  return left === 0;
}

function dropDeadLinks(folder: string): void {
  for (const entry of [...Deno.readDirSync(folder)]) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) dropDeadLinks(path);
    else if (entry.isSymlink && !isThere(path)) Deno.removeSync(path);
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a folder is there, be it behind a link. */
export function isFolder(path: string): boolean {
  return isThere(path) && Deno.statSync(path).isDirectory;
}
