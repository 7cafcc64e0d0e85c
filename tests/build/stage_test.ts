import assert from "node:assert/strict";
import { importedAtRunTime } from "../../build/stage.ts";

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
