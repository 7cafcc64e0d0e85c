import assert from "node:assert/strict";
import { systemClock } from "../../src/host/clock.ts";
import { HostFiles } from "../../src/host/files.ts";
import { hostView } from "../../src/core/host_view.ts";

const files = new HostFiles("/", systemClock);

function withFolder(job: (folder: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denotail-files-" }));
    try {
      await job(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

Deno.test(
  "HostFiles.open gives positional reads that go on when the file is renamed and removed",
  withFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "0123456789");
    const opened = files.open(hostView("/"), `${folder}/a`);
    assert.ok("file" in opened);
    const { file } = opened;
    const into = new Uint8Array(8);
    assert.equal(file.read(into, 2, 4, 3), 4);
    assert.deepEqual([...into], [0, 0, 51, 52, 53, 54, 0, 0]);
    Deno.renameSync(`${folder}/a`, `${folder}/b`);
    Deno.writeTextFileSync(`${folder}/b`, "ab", { append: true });
    Deno.removeSync(`${folder}/b`);
    assert.equal(await file.readSlowly(into, 0, 8, 10), 2);
    assert.equal(file.read(into, 0, 8, 12), 0);
    const info = file.info();
    assert.deepEqual([info.kind, info.sizeBytes, info.links], ["file", 12, 0]);
    file.close();
    assert.throws(() => file.read(into, 0, 1, 0), /read after close/);
  }),
);

Deno.test(
  "HostFiles.close waits when a slow read is in flight",
  withFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "abc");
    const opened = files.open(hostView("/"), `${folder}/a`);
    assert.ok("file" in opened);
    const into = new Uint8Array(3);
    const pending = opened.file.readSlowly(into, 0, 3, 0);
    opened.file.close();
    assert.equal(await pending, 3);
  }),
);

Deno.test(
  "HostFiles.list, lstat, stat, readLink and readText answer null when there is nothing",
  withFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/f`, "text");
    Deno.symlinkSync("f", `${folder}/l`);
    Deno.mkdirSync(`${folder}/d`);
    const kinds = Object.fromEntries(files.list(folder)!.map((entry) => [entry.name, entry.kind]));
    assert.deepEqual(kinds, { f: "file", l: "link", d: "folder" });
    assert.equal(files.list(folder, 2)!.length, 2);
    assert.equal(files.lstat(`${folder}/l`)!.kind, "link");
    assert.equal(files.stat(`${folder}/l`)!.kind, "file");
    assert.equal(files.readLink(`${folder}/l`), "f");
    assert.equal(files.readText(`${folder}/f`), "text");
    assert.equal(files.readText(`${folder}/f`, 3), null);
    assert.equal(files.readText(`${folder}/d`), null);
    assert.equal(files.list(`${folder}/none`), null);
    assert.equal(files.lstat(`${folder}/none`), null);
    assert.equal(files.stat(`${folder}/none`), null);
    assert.equal(files.readLink(`${folder}/none`), null);
    assert.equal(files.readText(`${folder}/none`), null);
  }),
);

Deno.test("HostFiles.readText reads a proc file when its size says 0", () => {
  assert.match(files.readText("/proc/self/mountinfo")!, / - /);
});

Deno.test(
  "HostFiles.isRemote is false when the folder lies on a local disk",
  withFolder((folder) => assert.equal(files.isRemote(`${folder}/x`), false)),
);

Deno.test(
  "HostFiles.resolve gives the place without links",
  withFolder((folder) => {
    Deno.mkdirSync(`${folder}/real`);
    Deno.writeTextFileSync(`${folder}/real/f`, "");
    Deno.symlinkSync(`${folder}/real`, `${folder}/link`);
    assert.deepEqual(files.resolve(hostView("/"), `${folder}/link/f`), {
      path: `${folder}/real/f`,
      mayStayOpen: true,
    });
    assert.equal(files.resolve(hostView("/"), `${folder}/link/g`), null);
  }),
);

Deno.test(
  "HostFiles.lstat tells when a file was made, whatever its time of modification",
  withFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a.log`, "one\n");
    Deno.utimeSync(`${folder}/a.log`, 1_000, 1_000);
    const { createdMs, modifiedMs } = files.lstat(`${folder}/a.log`)!;
    assert.equal(modifiedMs, 1_000_000);
    // A file system that does not keep it says nothing.
    assert.ok(createdMs === undefined || Math.abs(Date.now() - createdMs) < 60_000);
  }),
);
