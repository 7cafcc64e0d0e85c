/**
 * The address that a container's own hosts file gives for its host name: the first field of the first line that
 * has the name among the others. Loopback lines do not count. "" if there is none, as in host-network pods.
 *
 *     # Kubernetes-managed hosts file.
 *     127.0.0.1     localhost
 *     10.88.77.5    nginx-6799fc88d8-8x7kq       <- address, then names
 */
export function addressInHostsFile(text: string, hostName: string): string {
  if (hostName === "") return "";
  for (const line of text.split("\n")) {
    const comment = line.indexOf("#");
    const fields = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    const address = fields[0];
    if (address.startsWith("127.") || address === "::1") continue;
    if (fields.includes(hostName, 1)) return address;
  }
  return "";
}
