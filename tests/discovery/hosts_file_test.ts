import assert from "node:assert/strict";
import { addressInHostsFile } from "../../src/discovery/hosts_file.ts";

const POD = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost
fe00::0\tip6-mcastprefix
10.88.77.5\tfront-1.sub.shop.svc front-1 # front-2
10.88.77.6\tfront-10
`;

Deno.test("addressInHostsFile gives the address when a line has the host name as a word", () => {
  assert.equal(addressInHostsFile(POD, "front-1"), "10.88.77.5");
  assert.equal(addressInHostsFile(POD, "front-10"), "10.88.77.6");
});

Deno.test("addressInHostsFile gives nothing when the name is absent, commented out, empty or on loopback", () => {
  for (const name of ["front", "front-2", "", "localhost", "10.88.77.5"]) {
    assert.equal(addressInHostsFile(POD, name), "");
  }
});
