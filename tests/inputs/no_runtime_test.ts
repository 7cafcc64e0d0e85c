import assert from "node:assert/strict";
import type { InputContext } from "../../src/core/plugin.ts";
import { NoRuntimeNotice } from "../../src/inputs/no_runtime.ts";
import { FakeDiscovery } from "../support/fake_discovery.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { pod } from "./containers.ts";

function bed() {
  const discovery = new FakeDiscovery();
  const log = new MemoryLog();
  const context = { discovery, log, pipeline: "web", id: "file_log#0" } as unknown as InputContext;
  return { discovery, log, notice: new NoRuntimeNotice(context, "files in containers") };
}

Deno.test("NoRuntimeNotice is silent before the runtimes were asked, and where one answers", () => {
  const { discovery, log, notice } = bed();
  notice.start();
  discovery.say({ containers: new Map(), complete: false, runtimes: [] });
  discovery.publish();
  discovery.publish(pod());
  assert.deepEqual(log.lines, []);
});

Deno.test("NoRuntimeNotice speaks once, with what the sockets said, and not after stop", () => {
  const { discovery, log, notice } = bed();
  discovery.publishNoRuntime({ kind: "cri", socket: "/run/a.sock", state: "absent" });
  notice.start();
  discovery.publishNoRuntime({ kind: "cri", socket: "/run/a.sock", state: "away", error: "no answer" });
  assert.equal(log.lines.length, 1);
  assert.deepEqual(log.lines[0].fields, {
    pipeline: "web",
    input: "file_log#0",
    what: "files in containers",
    runtimes: "/run/a.sock absent",
  });
  notice.stop();
  assert.equal(discovery.listeners, 0);
});
