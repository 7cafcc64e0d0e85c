/**
 * What the program may do as flags of `deno run` and `deno compile`. Deno 2.4 and 2.9 want different ones: this is the
 * only place that knows.
 */
import { type Grants, PERMISSION_KINDS, V8_FLAGS } from "../src/cli/permissions.ts";

/** `2.4.2` -> [2, 4]. */
export function versionOf(text: string): readonly [number, number] {
  const [major, minor] = text.split(".").map(Number);
  return [major, minor];
}

/** Since about 2.9 a connection to a unix socket needs, beside read and write of its path, `net` of `unix:<path>`. */
export function wantsUnixGrants(version: string): boolean {
  const [major, minor] = versionOf(version);
  return major > 2 || (major === 2 && minor >= 5);
}

/** `--allow-…` for each kind that holds something; nothing for one that holds nothing. */
export function permissionFlags(grants: Grants, denoVersion: string): string[] {
  const flags = ["--no-prompt"];
  for (const kind of PERMISSION_KINDS) {
    let values = grants[kind];
    if (kind === "net" && values !== null && values.length > 0) {
      values = [...values, ...socketHosts(grants, denoVersion)];
    }
    if (values === null) flags.push(`--allow-${kind}`);
    else if (values.length > 0) flags.push(`--allow-${kind}=${values.join(",")}`);
  }
  return flags;
}

/** What net has to hold so that sockets of runtimes can be used where it is a list. */
function socketHosts(grants: Grants, denoVersion: string): string[] {
  const sockets = (grants.write ?? []).filter((path) => path.endsWith(".sock"));
  if (sockets.length === 0) return [];
  // dockerode's requests name 'localhost' as their host, and Deno asks for that before it sees the socket.
  const hosts = ["localhost:80"];
  return wantsUnixGrants(denoVersion) ? [...hosts, ...sockets.map((path) => `unix:${path}`)] : hosts;
}

/** `--v8-flags=…` */
export function v8Flag(): string {
  return `--v8-flags=${V8_FLAGS.join(",")}`;
}
