/** Makes sure the folder exists, with its parents. Throws when a file is in its place. */
export async function ensureDir(path: string | URL): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
}
