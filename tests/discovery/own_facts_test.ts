import assert from "node:assert/strict";
import { ownFacts } from "../../src/discovery/own_facts.ts";
import { MemoryFiles } from "../support/virtual_host.ts";

Deno.test("ownFacts reads self below the host root", () => {
  const files = new MemoryFiles();
  files.write("/logtail_host/proc/4711/cgroup", "0::/\n");
  files.write("/logtail_host/proc/4711/mountinfo", "m");
  files.link("4711", "/logtail_host/proc/self");
  assert.deepEqual(ownFacts(files, "/logtail_host", "h"), {
    cgroup: "0::/\n",
    mountinfo: "m",
    hostPid: 4711,
    hostName: "h",
  });
});

Deno.test("ownFacts gives nothing when proc is not readable", () => {
  assert.deepEqual(ownFacts(new MemoryFiles(), "/", ""), {
    cgroup: "",
    mountinfo: "",
    hostPid: 0,
    hostName: "",
  });
});
