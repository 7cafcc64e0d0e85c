import assert from "node:assert/strict";
import { RuntimeWatch } from "../../../src/cli/doctor/runtime_watch.ts";
import { FakeDiscovery } from "../../support/fake_discovery.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { TestMachine } from "./test_machine.ts";

const DOCKER = { kind: "docker", socket: "/run/docker.sock" } as const;
const AWAY = { ...DOCKER, state: "away", error: "No answer", reason: "timeout" } as const;

function bed(pipelines?: TestMachine["pipelines"]) {
  const on = new TestMachine();
  if (pipelines !== undefined) on.pipelines = pipelines;
  const discovery = new FakeDiscovery();
  const log = new MemoryLog();
  const watch = new RuntimeWatch(on.machine(), discovery, log);
  watch.start();
  return { discovery, log, watch, said: () => log.lines.map(({ fields }) => fields.found) };
}

Deno.test("RuntimeWatch is silent before runtimes were asked, where one answers, and where nobody needs one", () => {
  const { discovery, log } = bed();
  discovery.say({ containers: new Map(), complete: false, runtimes: [{ ...DOCKER, state: "absent" }] });
  discovery.publish();
  assert.deepEqual(log.lines, []);
  assert.equal(bed({ host: ["host_files"] }).discovery.listeners, 0);
});

Deno.test("RuntimeWatch says once that there is no runtime, with who suffers", () => {
  const { discovery, log, watch } = bed();
  discovery.publishNoRuntime({ ...DOCKER, state: "absent" });
  discovery.publishNoRuntime({ ...DOCKER, state: "absent" });
  assert.equal(log.lines.length, 1);
  const [{ level, message, fields }] = log.lines;
  assert.deepEqual([level, message], ["error", "Container runtime is missing or does not answer"]);
  assert.equal(fields.found, "no runtime found; looked for '/run/docker.sock'");
  assert.equal(fields.pipelines, "out, inside");
  watch.stop();
  assert.equal(discovery.listeners, 0);
});

Deno.test("RuntimeWatch names a runtime that does not answer, again only after it answered", () => {
  const { discovery, said } = bed();
  const text = "Docker at '/run/docker.sock' does not answer: No answer";
  discovery.say({ containers: new Map(), complete: false, runtimes: [AWAY] });
  discovery.publishNoRuntime(AWAY);
  assert.deepEqual(said(), [text], "and not that there is none");
  discovery.say({ containers: new Map(), complete: true, runtimes: [{ ...DOCKER, state: "ok" }] });
  discovery.publishNoRuntime(AWAY);
  assert.deepEqual(said(), [text, text]);
});
