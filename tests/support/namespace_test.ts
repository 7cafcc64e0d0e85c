import assert from "node:assert/strict";
import { startNamespace } from "./namespace.ts";
import { isAlive, mustRun, waitFor } from "./process.ts";
import { bedTest, need } from "./system.ts";

const test = bedTest(await need("namespace"));

test("Namespace runs programs in mounts and processes of its own when asked", async () => {
  const inside = await startNamespace();
  await inside.mustRun(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  await inside.mustRun(["touch", "/mnt/here", "/run/a.sock", "/var/log/b.log"]);
  assert.equal(await mustRun(["ls", "/mnt"]).then((text) => text.includes("here")), false);
  assert.ok(Deno.statSync(inside.outside("/var/run/a.sock")).isFile);
  assert.ok(Deno.statSync(inside.outside("/var/log/b.log")).isFile);
  assert.equal((await inside.mustRun(["cat", "/proc/1/comm"])).trim(), "sh");
  assert.equal((await inside.mustRun(["pwd"], { cwd: "/usr" })).trim(), "/usr");
  await inside.end();
  // Others may mount meanwhile; what was mounted inside never shows here.
  const left = (await mustRun(["cat", "/proc/mounts"])).split("\n").filter((line) =>
    line.includes(inside.folder) || line.startsWith("tmpfs /mnt ")
  );
  assert.deepEqual(left, []);
  assert.throws(() => Deno.statSync(inside.folder), Deno.errors.NotFound);
});

test("Namespace.hostRoot shows mounts that are made later when something is mounted inside", async () => {
  const inside = await startNamespace();
  const root = await inside.hostRoot();
  await inside.mustRun(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  await inside.mustRun(["touch", "/mnt/later"]);
  assert.equal((await inside.mustRun(["ls", `${root}/mnt`])).trim(), "later");
  assert.notEqual((await inside.run(["touch", `${root}/file-at-the-top`])).code, 0);
  await inside.end();
});

test("Namespace.start gives pid, output and exit code when a program is stopped, killed or leaves", async () => {
  const inside = await startNamespace({ network: true });
  const long = await inside.start(["sh", "-c", "echo out; echo err >&2; exec sleep 1000"]);
  assert.ok(long.alive());
  await waitFor("its lines", () => Deno.readTextFileSync(long.logFile) !== "");
  assert.equal(await long.stop(), 143);
  assert.equal(Deno.readTextFileSync(long.outFile), "out\n");
  assert.equal(Deno.readTextFileSync(long.logFile), "err\n");
  assert.equal(
    await (await inside.start(["sh", "-c", "sleep 0.1; exit $CODE"], { env: { CODE: "7" } })).ended(),
    7,
  );
  const killed = await inside.start(["sleep", "1000"]);
  killed.signal("SIGKILL");
  assert.equal(await killed.ended(), 137);
  const left = await inside.start(["sleep", "1000"]);
  assert.match(await inside.mustRun(["ip", "-o", "addr"]), /127\.0\.0\.1/);
  await inside.end();
  assert.equal(isAlive(left.pid), false);
});
