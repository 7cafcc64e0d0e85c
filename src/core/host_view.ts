import type { HostPlace, PathView } from "./host.ts";

/** The view of the host itself: path `/var/log` is `<hostRoot>/var/log`. */
export function hostView(hostRoot: string): PathView {
  const root = hostRoot === "/" ? "" : hostRoot.replace(/\/+$/, "");
  return {
    id: "host",
    candidates(path: string): readonly HostPlace[] {
      return [{ path: path === "/" && root !== "" ? root : `${root}${path}`, mayStayOpen: true }];
    },
  };
}
