import { belowHostRoot } from "./host_path.ts";
import { overlayAtRoot, type OverlayLayers } from "./mountinfo.ts";
import type { ProviderHost } from "./runtime_provider.ts";

/** A node with thousands of mounts stays below this. */
const MOUNTINFO_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The overlay of a running container, from its process' mountinfo below the host's proc. `null` when it does not
 * run, proc is not readable (a scoped program may not read its own `/proc`), or the root is no overlay.
 */
export function layersOfProcess(host: ProviderHost, pid: number): OverlayLayers | null {
  if (pid <= 0) return null;
  const text = host.files.readText(
    belowHostRoot(host.hostRoot, `/proc/${pid}/mountinfo`),
    MOUNTINFO_BYTES_MAX,
  );
  return text === null ? null : overlayAtRoot(text);
}
