import type { GrantKind } from "../core/grants.ts";

/** Whether Deno grants it: `prompt` counts as no, since nobody is asked. */
export function granted(kind: GrantKind, what: string): boolean {
  try {
    return Deno.permissions.querySync(descriptorOf(kind, what)).state === "granted";
  } catch {
    return false;
  }
}

function descriptorOf(kind: GrantKind, what: string): Deno.PermissionDescriptor {
  switch (kind) {
    case "env":
      return { name: kind, variable: what };
    case "sys":
      return { name: kind, kind: what } as Deno.SysPermissionDescriptor;
    case "net":
      return { name: kind, host: what };
    default:
      return { name: kind, path: what };
  }
}
