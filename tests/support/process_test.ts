import assert from "node:assert/strict";
import { startChild } from "./child.ts";
import { firstChild, isAlive, scratchFolder, signal, startDaemon, waitFor } from "./process.ts";

/** A test process of its own with a daemon, and one below two shells as the bench starts its programs. */
function startOwner(folder: string) {
  const script = `
    import { startDaemon } from ${JSON.stringify(new URL("./process.ts", import.meta.url).href)};
    import { MeasuredProcess } from ${
    JSON.stringify(new URL("../bench/measured_process.ts", import.meta.url).href)
  };
    const folder = ${JSON.stringify(folder)};
    const daemon = await startDaemon(["sleep", "600"], { logFile: folder + "/daemon.log" });
    const measured = await MeasuredProcess.start({ command: ["sleep", "600"], folder });
    console.log("started", daemon, measured.pid, "both");
    setInterval(() => {}, 1000);
  `;
  const file = `${folder}/owner.ts`;
  Deno.writeTextFileSync(file, script);
  return startChild(["run", "-A", "--no-check", file]);
}

for (const name of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
  Deno.test(`programs of a test process end soon after it when it gets ${name}`, async () => {
    const folder = scratchFolder(`owner-${name}`);
    const owner = startOwner(folder);
    await owner.saw("both");
    const pids = /started (\d+) (\d+)/.exec(owner.out)!.slice(1).map(Number);
    assert.deepEqual(pids.map(isAlive), [true, true]);
    signal(owner.pid, name);
    await owner.ended();
    await waitFor("the end of its programs", () => !pids.some(isAlive), { timeoutMs: 5_000 });
  });
}

Deno.test("what a daemon leaves behind outlives it while the test process is there", async () => {
  const folder = scratchFolder("left");
  const file = `${folder}/pid`;
  const pid = await startDaemon([
    "sh",
    "-c",
    `sleep 600 & echo $! >${file}.part; mv ${file}.part ${file}; wait`,
  ], {
    logFile: `${folder}/log`,
  });
  const left = await waitFor("the child", () => firstChild(pid) || null);
  try {
    signal(pid, "SIGKILL");
    await waitFor("the end of the daemon", () => !isAlive(pid));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(isAlive(left), true);
  } finally {
    signal(left, "SIGKILL");
  }
});
