import type { NetworkAddress } from "../core/runtime.ts";

/**
 * Names under which the node's address is handed in, the first that is set counts. The downward API's
 * `status.hostIP` is the usual source; the last one is iLogtail's.
 */
export const NODE_IP_NAMES = ["NODE_IP", "HOST_IP", "_node_ip_", "ALIYUN_LOGTAIL_WORKING_IP"] as const;

/** Interfaces of container networks: their addresses are not the node's. */
const VIRTUAL =
  /^(lo|docker|br-|veth|cni|cbr|flannel|cali|cilium|lxc|kube-|nodelocaldns|virbr|tunl|vxlan|dummy|ipvs)/;

/**
 * The node's address: from the environment, else the first of the machine's own that is neither loopback nor
 * link-local nor of a container network, IPv4 before IPv6. "" if nothing is known: without Deno's `sys`
 * permission only the environment tells.
 */
export function nodeIp(
  environment: (name: string) => string | undefined,
  addresses: () => readonly NetworkAddress[],
): string {
  for (const name of NODE_IP_NAMES) {
    const value = environment(name)?.trim();
    if (value) return value;
  }
  const usable = addresses().filter(({ interfaceName, address }) =>
    !VIRTUAL.test(interfaceName) && !/^(127\.|169\.254\.|::1$|fe80:)/i.test(address)
  );
  const best = usable.find((address) => address.family === "IPv4") ?? usable[0];
  return best?.address ?? "";
}
