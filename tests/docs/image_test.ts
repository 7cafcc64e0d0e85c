/** docs/image.md shows the arguments that the Dockerfile has, and the command that the suite runs. */
import assert from "node:assert/strict";
import { HOST_MOUNTS, LEAST_RIGHTS } from "../support/agent_container.ts";
import { textOf } from "../support/tree.ts";
import { document, fences, tableRows } from "./markdown.ts";

const page = document("docs/image.md");

Deno.test("docs/image.md lists the arguments of the Dockerfile with their defaults", () => {
  // TARGETARCH is BuildKit's own.
  const wanted = [...textOf("Dockerfile").matchAll(/^ARG (\w+)=?(\S*)$/gm)]
    .filter(([, name]) => name !== "TARGETARCH").map(([, name, value]) => [name, value]);
  const shown = tableRows(page).filter(([name]) => /^`[A-Z]+(?:_IMAGE)?`$/.test(name))
    .map(([name, value]) => [name.replaceAll("`", ""), value.replaceAll("`", "")]);
  assert.equal(wanted.length, 5);
  assert.deepEqual(shown, wanted);
});

Deno.test("docs/image.md runs the image with the rights and mounts that the suite gives it", () => {
  const command = fences(page).find(({ body }) => body.startsWith("docker run"))!.body.replace(
    /\\\n\s*/g,
    "",
  );
  const mounts = Object.entries(HOST_MOUNTS).map(([from, to]) => `-v ${from}:${to}`);
  const flags = ["--network host", "--cap-add DAC_READ_SEARCH", ...mounts];
  for (const flag of flags) assert.ok(command.includes(` ${flag} `), flag);
  assert.ok(LEAST_RIGHTS.every((word) => command.split(/\s+/).includes(word)), command);
});
