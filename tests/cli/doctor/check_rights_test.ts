import assert from "node:assert/strict";
import { checkLogFiles, checkRights } from "../../../src/cli/doctor/check_rights.ts";
import { container } from "../../support/runtime_fixtures.ts";
import { NO_CAPABILITIES, status, TestMachine } from "./test_machine.ts";

const STATUS = "/logtail_host/proc/self/status";

function rights(text: string | null, change: (on: TestMachine) => void = () => {}) {
  const on = new TestMachine();
  if (text === null) on.files.unlink(STATUS);
  else on.files.write(STATUS, text);
  change(on);
  const { state, found, pipelines } = checkRights(on.machine());
  return [state, found, pipelines.join(" ")];
}

Deno.test("checkRights is content with either capability that reads files of others", () => {
  for (const capabilities of ["0000000000000002", "0000000000000004"]) {
    assert.deepEqual(rights(status(1000, capabilities)), [
      "ok",
      "user '1000', may read files of every user",
      "",
    ]);
  }
});

Deno.test("checkRights names a user who may not", () => {
  assert.deepEqual(rights(status(0, NO_CAPABILITIES)), [
    "warning",
    "root without CAP_DAC_READ_SEARCH: files that only another user may read are not read",
    "",
  ]);
  assert.deepEqual(rights(status(1000, NO_CAPABILITIES)), [
    "wrong",
    "user '1000' without CAP_DAC_READ_SEARCH: files that only root may read, as runtimes make them, are not read",
    "out inside",
  ]);
  const sidecar = (on: TestMachine) => on.flags = { ...on.flags, staticInfoFile: "/etc/containers.json" };
  assert.deepEqual(rights(status(1000, NO_CAPABILITIES), sidecar), [
    "ok",
    "user '1000', beside static container info",
    "",
  ]);
  assert.equal(rights(null)[0], "unknown");
});

/** Log files of that many running containers, `/logs/c0` and so on. */
function logFiles(count: number, change: (on: TestMachine) => void) {
  const on = new TestMachine();
  const containers = Array.from({ length: count }, (_, n) => {
    on.files.write(`/logtail_host/logs/c${n}`, "one\n");
    return container(`c${n}`, { logPath: `/logs/c${n}`, state: "running" });
  });
  change(on);
  const finding = checkLogFiles(on.machine(), containers, on.files);
  assert.equal(on.files.openCount, 0, "closed again");
  return finding === null ? null : [finding.state, finding.found, finding.remedy[0] ?? ""];
}

Deno.test("checkLogFiles opens the files that runtimes name", () => {
  assert.deepEqual(logFiles(2, () => {}), ["ok", "2 of 2 log files of running containers can be read", ""]);
  assert.equal(logFiles(0, () => {}), null);
  assert.match(logFiles(150, () => {})![1], /^100 of 100 /, "not more than it says");
  const remote = logFiles(2, (on) => on.files.remote.add("/logtail_host/logs/c1"));
  assert.match(remote![1], /^1 of 1 /, "none that may hang");
});

Deno.test("checkLogFiles names one that is missing, or refused", () => {
  assert.deepEqual(logFiles(2, (on) => on.files.unlink("/logtail_host/logs/c1")), [
    "wrong",
    "1 of 2 log files of running containers can be read; missing, for instance: '/logtail_host/logs/c1'",
    "docker run: -v /:/logtail_host:ro,rslave",
  ]);
  assert.deepEqual(logFiles(1, (on) => on.files.denied.add("/logtail_host/logs/c0")), [
    "wrong",
    "0 of 1 log file of running containers can be read; refused, for instance: '/logtail_host/logs/c0'",
    "docker run: --user 0 --cap-add DAC_READ_SEARCH",
  ]);
});
