import type { OpenRefusal } from "../core/host.ts";

/** What an error of `Deno.*` or `node:fs` means for opening a file. */
export function refusalOf(error: unknown): OpenRefusal {
  const name = error instanceof Error ? error.name : "";
  switch ((error as { code?: string }).code ?? name) {
    case "ENOENT":
    case "ENOTDIR":
    case "NotFound":
    case "NotADirectory":
      return "missing";
    case "EACCES":
    case "EPERM":
    case "PermissionDenied":
    case "NotCapable":
      return "denied";
    case "ELOOP":
    case "FilesystemLoop":
      return "loop";
    // A socket, or a device without a driver.
    case "ENXIO":
    case "ENODEV":
    case "EISDIR":
      return "not_regular";
    case "EMFILE":
    case "ENFILE":
      return "too_many_open";
  }
  return name === "NotCapable" || name === "PermissionDenied" ? "denied" : "failed";
}
