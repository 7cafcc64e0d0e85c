import assert from "node:assert/strict";
import type { FromWorker } from "../../../src/cli/workers/messages.ts";
import { PortLog } from "../../../src/cli/workers/port_log.ts";

function said(isDebug: boolean): FromWorker[] {
  const posted: FromWorker[] = [];
  const log = new PortLog(
    { post: (message) => posted.push(message), ask: () => "", onMessage() {} },
    3,
    isDebug,
  );
  log.debug("D", { a: 1 });
  log.info("I");
  log.warn("W");
  log.error("E");
  log.warnOnce("key", "O");
  log.info("Agent started", { pipelines: 1 });
  return posted;
}

Deno.test("PortLog posts lines with the number of its worker, and none that the main thread says for all", () => {
  assert.deepEqual(said(true), [
    { kind: "said", line: { level: "debug", message: "D", fields: { a: 1, worker: 3 } } },
    { kind: "said", line: { level: "info", message: "I", fields: { worker: 3 } } },
    { kind: "said", line: { level: "warn", message: "W", fields: { worker: 3 } } },
    { kind: "said", line: { level: "error", message: "E", fields: { worker: 3 } } },
    { kind: "said", line: { level: "warn", message: "O", fields: { worker: 3 }, once: "key" } },
  ]);
});

Deno.test("PortLog posts no debug lines that nobody would see", () => {
  assert.equal(said(false).length, said(true).length - 1);
});
