/** What `run` says about folders that it cannot use: code, sentence, remedy. */
import assert from "node:assert/strict";
import { waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { AgentBed } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("namespace"));

test("run ends with exit code 1 and a remedy when the checkpoint folder is missing or read-only", async () => {
  const namespace = await bed.namespace();
  const missing = await bed.prepared({ pipelines: {} });
  Deno.removeSync(missing.checkpointDir);
  await missing.start();
  assert.equal(await missing.ended(), 1);
  assert.match(missing.logText, /checkpoint folder '.*' is missing .*make it .*--checkpoint=memory/);

  const readOnly = await bed.prepared({ pipelines: {} });
  await namespace.mustRun(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", readOnly.checkpointDir]);
  await readOnly.start();
  assert.equal(await readOnly.ended(), 1);
  assert.match(readOnly.logText, /checkpoint folder '.*' cannot be written; make it .*--checkpoint=memory/);
});

test("run goes on with --checkpoint=memory", async () => {
  const agent = await bed.agent({ pipelines: {}, checkpointDir: "memory" });
  assert.equal(await agent.stop(), 0);
});

test("run waits for another agent on its checkpoint folder, then names it and exits 1", async () => {
  const first = await bed.agent({ pipelines: {} });
  const second = await bed.prepared({
    pipelines: {},
    checkpointDir: first.checkpointDir,
    flags: ["--lock-timeout=1s"],
  });
  await second.start();
  assert.equal(await second.ended(), 1);
  assert.match(
    second.logText,
    /is in use by another agent \(pid '\d+' on host '.+', since '20.+Z'\); waited 1 s; stop that agent or/,
  );
  assert.equal(await first.stop(), 0);
  const third = await bed.agent({ pipelines: {}, checkpointDir: first.checkpointDir });
  assert.equal(await third.stop(), 0, "the lock is free at once");
});

test("run without a config folder says so, is not ready, and runs idle", async () => {
  const agent = await bed.prepared({ pipelines: {} });
  Deno.removeSync(agent.configDir);
  await agent.start();
  await waitFor(
    "a page that names the folder",
    async () => /the config folder cannot be read/.test(await agent.get("/readyz").catch(() => "")),
  );
  assert.equal(await agent.httpStatus("/readyz"), 503);
  assert.equal(await agent.httpStatus("/healthz"), 200);
  assert.match(agent.logText, /config folder is missing or cannot be read/);
  assert.equal(await agent.stop(), 0);
});
