import assert from "node:assert/strict";
import type { NetworkAddress } from "../../src/core/runtime.ts";
import { nodeIp } from "../../src/discovery/node_ip.ts";

const address = (interfaceName: string, address: string): NetworkAddress => ({
  interfaceName,
  address,
  family: address.includes(":") ? "IPv6" : "IPv4",
});
const from = (values: Record<string, string>) => (name: string): string | undefined => values[name];

Deno.test("nodeIp takes the first environment name that is set, whatever the interfaces say", () => {
  const addresses = () => [address("eth0", "10.0.0.1")];
  assert.equal(
    nodeIp(from({ HOST_IP: "10.0.0.3", ALIYUN_LOGTAIL_WORKING_IP: "10.0.0.4" }), addresses),
    "10.0.0.3",
  );
  assert.equal(nodeIp(from({ NODE_IP: "10.0.0.2", HOST_IP: "10.0.0.3" }), addresses), "10.0.0.2");
  assert.equal(nodeIp(from({ NODE_IP: " ", _node_ip_: "10.0.0.5" }), addresses), "10.0.0.5");
});

Deno.test("nodeIp passes over loopback, link-local and container networks, IPv4 before IPv6", () => {
  const addresses = () => [
    address("lo", "127.0.0.1"),
    address("docker0", "172.17.0.1"),
    address("kube-ipvs0", "10.96.0.1"),
    address("cali123", "10.244.0.1"),
    address("eth0", "fe80::1"),
    address("eth0", "2001:db8::1"),
    address("eth0", "169.254.1.1"),
    address("eth1", "10.0.0.7"),
  ];
  assert.equal(nodeIp(from({}), addresses), "10.0.0.7");
  assert.equal(nodeIp(from({}), () => addresses().slice(0, -1)), "2001:db8::1");
  assert.equal(nodeIp(from({}), () => []), "");
});
