import { DatabaseSync } from "node:sqlite";

/** Throws unless the checkpoint that an agent left says of each file that everything in it is delivered. */
export function progressIsSaved(checkpoint: string, paths: string[]): void {
  const saved = new Map<string, number>();
  const store = [...Deno.readDirSync(checkpoint)].find(({ name }) => /\.(db|sqlite)$/.test(name));
  if (store === undefined) throw new Error(`no store in '${checkpoint}'`);
  const db = new DatabaseSync(`${checkpoint}/${store.name}`, { readOnly: true });
  for (const row of db.prepare("SELECT body FROM entry").all()) {
    const body = JSON.parse(String(row.body));
    if (body[0] === "lane") saved.set(body[10], Math.min(...body[7]));
  }
  db.close();
  for (const path of paths) {
    const size = Deno.statSync(path).size;
    if (saved.get(path) !== size) throw new Error(`saved ${saved.get(path)} of ${size} bytes of '${path}'`);
  }
}
