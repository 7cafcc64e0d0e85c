/** Every pipeline of examples/ passes `denotail validate`. */
import assert from "node:assert/strict";
import { load } from "js-yaml";
import { runChild } from "../support/child.ts";
import { projectRoot } from "../support/paths.ts";
import { filesBelow, textOf } from "../support/tree.ts";

/** Variables of the env files beside the examples, as systemd or a shell would set them. */
const env = Object.fromEntries(
  filesBelow("examples", ".env").flatMap((path) =>
    [...textOf(path).matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])
  ),
);

const files = filesBelow("examples").filter((path) => /\.ya?ml$/.test(path));
const folders = [...new Set(files.map((path) => path.slice(0, path.lastIndexOf("/"))))];

Deno.test("examples holds YAML files of pipelines only", () => {
  assert.ok(files.length >= 2);
  for (const path of files) {
    const pipeline = load(textOf(path)) as Record<string, unknown>;
    assert.ok(Array.isArray(pipeline.inputs) && Array.isArray(pipeline.flushers), path);
  }
});

for (const folder of folders) {
  Deno.test(`validate has nothing to say about ${folder}`, async () => {
    const args = ["run", "-A", "--quiet", `${projectRoot}/main.ts`, "validate", "--config-dir"];
    const { code, out, err } = await runChild([...args, `${projectRoot}/${folder}`], { env });
    assert.equal(code, 0, out + err);
    assert.doesNotMatch(out + err, /^(?:warning|error)\b/m);
  });
}
