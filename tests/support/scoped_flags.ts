/** How the agent runs in end-to-end tests: with the permissions of the binary that is shipped, not with all of them. */
import { permissionFlags, v8Flag } from "../../build/deno_flags.ts";
import { type Grants, grantsOf } from "../../src/cli/permissions.ts";

/** What an agent of a test may touch beside what the table of permissions gives the DaemonSet. */
export interface TestGrants {
  hostRoot: string;
  configDir: string;
  /** Absent with `--checkpoint=memory`. */
  checkpointDir?: string;
  /** More files and folders it may read: `${file:…}`, certificates, static container info. */
  read?: string[];
  /** Files or folders that flusher_stdout writes to. */
  write?: string[];
  /** Environment names that pipelines use. */
  env?: string[];
  /** The only addresses; absent: any. */
  net?: string[];
}

/** The table's permissions, with the scratch folders of a test in the place of the folders of a container. */
export function testGrants(given: TestGrants): Grants {
  const table = grantsOf("daemonset");
  const { hostRoot, checkpointDir } = given;
  const own = checkpointDir === undefined ? [] : [checkpointDir];
  const below = (table.write ?? []).filter((path) => path.startsWith("/logtail_host/"))
    .map((path) => hostRoot + path.slice("/logtail_host".length));
  const write = [...own, ...below, ...given.write ?? []];
  const add = (values: readonly string[] | null, more: string[]) =>
    values === null ? null : [...new Set([...values, ...more])];
  return {
    read: add(table.read, [hostRoot, given.configDir, ...write, ...given.read ?? []]),
    write: add(table.write, write),
    net: given.net ?? table.net,
    env: add(table.env, given.env ?? []),
    sys: table.sys,
  };
}

/** Flags of `deno run` up to the script. `without`: permissions that are left out, as `kind value` or as `kind`. */
export function scopedFlags(given: TestGrants, without: readonly string[] = []): string[] {
  const grants = { ...testGrants(given) } as Record<string, readonly string[] | null>;
  for (const one of without) {
    const [kind, value] = one.split(" ");
    grants[kind] = value === undefined ? [] : (grants[kind] ?? []).filter((each) => each !== value);
  }
  return [...permissionFlags(grants as unknown as Grants, Deno.version.deno), v8Flag()];
}
