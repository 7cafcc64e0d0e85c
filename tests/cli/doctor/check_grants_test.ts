import assert from "node:assert/strict";
import { checkGrants } from "../../../src/cli/doctor/check_grants.ts";
import { readCliOptions } from "../../../src/cli/options.ts";

const { options } = readCliOptions({ configDir: "/conf", checkpoint: "memory" }, {
  env: () => undefined,
  isFolder: () => false,
});

Deno.test("checkGrants is content when the program may do what its options need", () => {
  assert.deepEqual(checkGrants(options, () => true, ["a"]).map(({ state }) => state), ["ok"]);
});

Deno.test("checkGrants names each permission that is missing: vital ones keep all pipelines from running", () => {
  const findings = checkGrants(options, (kind, what) => what !== "/conf" && kind !== "sys", ["a", "b"]);
  assert.deepEqual(findings.map(({ state, found, pipelines }) => [state, found, pipelines.join(" ")]), [
    [
      "wrong",
      "The program may not read the config folder, so no pipeline can be loaded ('read /conf')",
      "a b",
    ],
    [
      "warning",
      "The program may not ask for the host name, so the node's name is that in HOSTNAME, or empty ('sys hostname')",
      "",
    ],
    [
      "warning",
      "The program may not ask for the addresses of the machine, so the node's address is the one in NODE_IP or HOST_IP, or empty ('sys networkInterfaces')",
      "",
    ],
  ]);
  assert.match(findings[0].remedy[0], /--allow-read=\/conf/);
});
