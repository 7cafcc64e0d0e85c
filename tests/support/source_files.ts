import { projectRoot } from "./paths.ts";

/** All sources below `src/` with their texts; paths from the project's folder. */
export function* sourceFiles(folder = "src"): Generator<{ readonly path: string; readonly text: string }> {
  for (
    const entry of [...Deno.readDirSync(`${projectRoot}/${folder}`)].sort((a, b) => a.name < b.name ? -1 : 1)
  ) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (entry.name.endsWith(".ts")) {
      yield { path, text: Deno.readTextFileSync(`${projectRoot}/${path}`) };
    }
  }
}
