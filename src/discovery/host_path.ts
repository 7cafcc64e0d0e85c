/** A host path as this process reaches it: below the host root, which is `/` outside a container. */
export function belowHostRoot(hostRoot: string, path: string): string {
  return hostRoot === "/" || hostRoot === "" ? path : `${hostRoot}${path}`;
}

/** The opposite: the host's own name of a path that this process uses. */
export function withoutHostRoot(hostRoot: string, path: string): string {
  if (hostRoot === "/" || hostRoot === "" || !path.startsWith(`${hostRoot}/`)) return path;
  return path.slice(hostRoot.length);
}
