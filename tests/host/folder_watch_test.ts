import assert from "node:assert/strict";
import { systemClock } from "../../src/host/clock.ts";
import { HostFiles } from "../../src/host/files.ts";
import { waitFor } from "../support/process.ts";

/** Resolves when the check is true; throws when that takes a minute. */
async function until(check: () => boolean): Promise<void> {
  await waitFor("word of a folder", check, { everyMs: 10 });
}

Deno.test("HostFiles.watchFolder tells new names when several folders share one watcher", async () => {
  const base = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denotail-watch-" }));
  const files = new HostFiles("/", systemClock);
  try {
    Deno.mkdirSync(`${base}/a`);
    Deno.mkdirSync(`${base}/b`);
    let a = 0;
    let b = 0;
    const first = files.watchFolder(`${base}/a`, () => a++);
    files.watchFolder(`${base}/b`, () => b++);
    await until(() => a > 0 && b > 0);
    assert.equal(files.watchFolder(`${base}/none`, () => {}), null);
    a = b = 0;
    Deno.writeTextFileSync(`${base}/a/x`, "");
    await until(() => a > 0);
    assert.equal(b, 0);
    Deno.removeSync(`${base}/b`, { recursive: true });
    await until(() => b > 0);
    b = 0;
    Deno.mkdirSync(`${base}/b`);
    await until(() => b > 0);
    b = 0;
    Deno.writeTextFileSync(`${base}/b/y`, "");
    await until(() => b > 0);
    first!.close();
  } finally {
    files.close();
    Deno.removeSync(base, { recursive: true });
  }
});
