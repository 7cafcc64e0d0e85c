import type { ContainerMount } from "../core/container.ts";

/** An absolute path without doubled, trailing or `.` parts; `..` goes up and stops at the root. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Mounts cleaned, without those that lack a side, longest destination first. */
export function sortedMounts(
  mounts: readonly { readonly source?: string; readonly destination?: string }[],
): readonly ContainerMount[] {
  const usable: ContainerMount[] = [];
  for (const { source, destination } of mounts) {
    if (!source?.startsWith("/") || !destination?.startsWith("/")) continue;
    usable.push(Object.freeze({ source: cleanPath(source), destination: cleanPath(destination) }));
  }
  usable.sort((left, right) => right.destination.length - left.destination.length);
  return Object.freeze(usable);
}

/** Host path of what is mounted exactly at `destination`, "" if nothing is. */
export function mountedAt(mounts: readonly ContainerMount[], destination: string): string {
  return mounts.find((mount) => mount.destination === destination)?.source ?? "";
}
