import assert from "node:assert/strict";
import { loadFolder } from "../../src/config/load_folder.ts";
import type { FileInfo } from "../../src/core/host.ts";
import { TEST_PLUGINS } from "./test_plugins.ts";

const GOOD = "inputs: [{Type: test_input, Path: /x}]\nflushers: [{Type: test_flusher, Brokers: [a]}]\n";

/** A folder of text files; `null` cannot be read, `"folder"` is one. */
function world(files: Record<string, string | null>) {
  const kindOf = (name: string) => files[name] === "folder" ? "folder" as const : "file" as const;
  const text = (path: string) => files[path.replace("/conf/", "")] ?? null;
  return {
    env: () => undefined,
    files: {
      list: (path: string) =>
        path === "/conf" ? Object.keys(files).map((name) => ({ name, kind: "link" as const })) : null,
      stat: (path: string) =>
        ({ kind: kindOf(path.replace("/conf/", "")), sizeBytes: text(path)?.length ?? 0 }) as FileInfo,
      readText: (path: string, bytesMax = Infinity) =>
        (text(path)?.length ?? 0) > bytesMax ? null : text(path),
    },
  };
}

Deno.test("loadFolder reads what a ConfigMap shows, in the order of names", () => {
  const { pipelines, problems, files } = loadFolder(
    "/conf",
    TEST_PLUGINS,
    world({
      "b.yml": GOOD,
      "a.yaml": GOOD,
      "..data": "folder",
      ".hidden.yaml": "x",
      "old.yaml.bak": "x",
      "dir.yaml": "folder",
    }),
  );
  assert.deepEqual(pipelines.map((p) => p.stem), ["a", "b"]);
  assert.deepEqual(problems, []);
  assert.equal(files, 2);
});

Deno.test("loadFolder runs the files without problems", () => {
  const { pipelines, problems } = loadFolder(
    "/conf",
    TEST_PLUGINS,
    world({
      "bad.yaml": "inputs: [",
      "good.yaml": GOOD,
      "good.yml": GOOD,
      "gone.yaml": null,
      "huge.yaml": "x".repeat(1 << 21),
    }),
  );
  assert.deepEqual(pipelines.map((p) => p.file), ["good.yaml"]);
  assert.deepEqual(problems.map((p) => `${p.code} ${p.file}`), [
    "CONFIG_SYNTAX bad.yaml",
    "CONFIG_UNREADABLE gone.yaml",
    "CONFIG_SAME_NAME good.yml",
    "CONFIG_TOO_LARGE huge.yaml",
  ]);
});

Deno.test("loadFolder says when the folder is missing", () => {
  const { problems } = loadFolder("/nowhere", TEST_PLUGINS, world({}));
  assert.deepEqual(problems.map((p) => `${p.code} ${p.file}`), ["CONFIG_FOLDER /nowhere"]);
});
