import assert from "node:assert/strict";
import { importedAtRunTime, SOURCES } from "../../build/stage.ts";
import { projectRoot } from "../support/paths.ts";

Deno.test("importedAtRunTime finds packages, those that are loaded later among them, and no types", () => {
  const found = importedAtRunTime([
    'import net from "node:net";\nimport type {\n  A,\n  B,\n} from "types-only";\nexport type { C } from "types-too";\n',
    'import { Command } from "commander";\nimport "./near.ts";\nimport "side-effect";\n',
    'const { Kafka } = await import("kafkajs");\nimport {\n  D,\n} from "@scope/pack/part";\n',
  ]);
  assert.deepEqual([...found].sort(), [
    "@scope/pack/part",
    "commander",
    "kafkajs",
    "node:net",
    "side-effect",
  ]);
});

Deno.test("SOURCES are all there when the image is built", () => {
  const copied = Deno.readTextFileSync(`${projectRoot}/Dockerfile`).split("\n")
    .filter((line) => /^COPY (?!--)/.test(line)).flatMap((line) => line.split(" ").slice(1, -1));
  const sent = Deno.readTextFileSync(`${projectRoot}/.dockerignore`).split("\n")
    .filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  for (const name of [...SOURCES, "deno.json", "build"]) {
    assert.ok(copied.includes(name), `${name} in Dockerfile`);
    assert.ok(sent.includes(name), `${name} in .dockerignore`);
  }
});
