import assert from "node:assert/strict";
import { type Child, runChild, startChild } from "../support/child.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** What the task `start` gives to V8. */
const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
const V8_FLAGS: string = /--v8-flags=\S+/.exec(tasks.start.command)?.[0] ?? "";

function denotail(...args: string[]): Child {
  return startChild(["run", "-A", "--quiet", V8_FLAGS, MAIN, ...args]);
}

/** A folder with a config folder and a log file in it, removed afterwards. */
async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/conf`);
    Deno.writeTextFileSync(`${folder}/app.log`, "one line\n");
    Deno.writeTextFileSync(
      `${folder}/conf/files.yaml`,
      `inputs:\n  - Type: file_log\n    LogPath: ${folder}\n    FilePattern: app.log\nflushers:\n  - Type: flusher_stdout\n`,
    );
    await work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("main prints the version and leaves", async () => {
  const { code, out } = await denotail("--version").ended();
  assert.equal(code, 0);
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("main validate exits 0 or 78", async () => {
  await withFolder(async (folder) => {
    const good = await denotail("validate", "--config-dir", `${folder}/conf`).ended();
    assert.deepEqual([good.code, good.out], [0, "no problems\n"], good.err);
    Deno.writeTextFileSync(`${folder}/conf/other.yaml`, "inputs:\n  - Type: file_lok\n");
    const bad = await denotail("validate", "--config-dir", `${folder}/conf`).ended();
    assert.equal(bad.code, 78);
    assert.match(bad.out, /CONFIG_UNKNOWN_TYPE {2}other\.yaml:2:11[\s\S]*2 errors\n$/);
  });
});

Deno.test("main validate says nothing about the seed's pattern, which runs on V8", async () => {
  await withFolder(async (folder) => {
    const seed = new URL("../golden/config/seed_nginx_stdout_regex.good.yaml", import.meta.url);
    Deno.copyFileSync(seed, `${folder}/conf/seed.yaml`);
    const { out } = await denotail("validate", "--config-dir", `${folder}/conf`).ended();
    assert.equal(out, "no problems\n");
  });
});

Deno.test("main run delivers, stops at SIGTERM with exit 0, and goes on where it stopped", async () => {
  await withFolder(async (folder) => {
    const seen: string[] = [];
    for (const line of ["one line", "another line"]) {
      if (line !== "one line") Deno.writeTextFileSync(`${folder}/app.log`, `${line}\n`, { append: true });
      const checkpoint = `${folder}/checkpoint`;
      Deno.mkdirSync(checkpoint, { recursive: true });
      const child = denotail(
        "run",
        "--config-dir",
        `${folder}/conf`,
        "--checkpoint",
        checkpoint,
        "--metrics",
        "off",
      );
      await child.saw(line);
      child.kill("SIGTERM");
      const { code, out, err } = await child.ended();
      assert.equal(code, 0, err);
      seen.push(...out.split("\n").filter((part) => part !== ""));
    }
    const contents = seen.map((text) => JSON.parse(text).Contents.at(-1).Value);
    assert.deepEqual(contents, ["one line", "another line"]);
  });
});

Deno.test("main ends with 1 when a part of the program does not load", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/src/host`, { recursive: true });
    await Deno.copyFile(new URL("../../main.ts", import.meta.url), `${folder}/main.ts`);
    await Deno.copyFile(
      new URL("../../src/host/process.ts", import.meta.url),
      `${folder}/src/host/process.ts`,
    );
    const { code, err } = await runChild(
      ["run", "-A", "--no-check", "--no-config", `${folder}/main.ts`, "--version"],
    );
    assert.equal(code, 1);
    assert.match(err, /^denotail: .*plain_env/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
