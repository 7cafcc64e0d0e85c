import assert from "node:assert/strict";
import { StaticSource } from "../../src/discovery/static_source.ts";
import { MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

const PATH = "/etc/containers.json";

function bed(text?: string) {
  const clock = new VirtualClock();
  const files = new MemoryFiles(clock);
  if (text !== undefined) files.write(PATH, text);
  let changes = 0;
  const source = new StaticSource({
    path: PATH,
    files,
    clock,
    intervalMs: 1_000,
    defaults: () => ({ hostName: "h", ip: "i" }),
  });
  source.start(() => changes++);
  return { clock, files, source, changes: () => changes };
}

Deno.test("StaticSource reads the file once and again when it changes", async () => {
  const on = bed('[{"ID":"a"}]');
  await on.clock.run(10_000);
  assert.deepEqual([[...on.source.containers().keys()], on.source.status().state, on.changes()], [
    ["a"],
    "ok",
    1,
  ]);
  const before = on.source.containers().get("a");
  on.files.write(PATH, '[{"ID":"a"},{"ID":"b"}]');
  await on.clock.run(1_000);
  assert.deepEqual([...on.source.containers().keys()], ["a", "b"]);
  assert.equal(on.source.containers().get("a"), before);
  on.files.replace(PATH, '[{"ID":"a"},{"ID":"c"}]');
  await on.clock.run(1_000);
  assert.deepEqual([...on.source.containers().keys()], ["a", "c"]);
});

Deno.test("StaticSource keeps the last good list and says why when the file is bad or missing", async () => {
  const on = bed('[{"ID":"a"}]');
  await on.clock.run(0);
  on.files.write(PATH, '[{"ID":');
  await on.clock.run(1_000);
  assert.deepEqual([[...on.source.containers().keys()], on.source.status().state], [["a"], "away"]);
  assert.match(on.source.status().error ?? "", /not JSON/);
  on.files.unlink(PATH);
  await on.clock.run(1_000);
  assert.match(on.source.status().error ?? "", /not readable/);
  assert.deepEqual([...on.source.containers().keys()], ["a"]);
  on.files.write(PATH, "[]");
  await on.clock.run(1_000);
  assert.deepEqual([on.source.containers().size, on.source.status().state], [0, "ok"]);
});

Deno.test("StaticSource is settled after its first look though the file is missing", async () => {
  const on = bed();
  assert.equal(on.source.settled(), false);
  await on.clock.run(0);
  assert.deepEqual([on.source.settled(), on.source.status().state], [true, "away"]);
  await on.source.stop();
  assert.equal(on.clock.pending, 0);
});
