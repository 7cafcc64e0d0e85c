/// <reference lib="deno.unstable" />
import assert from "node:assert/strict";
import rules from "./rules.ts";
import { layerOf, resolveImport } from "./layers.ts";

/** `rule: message` of each finding. */
function lint(file: string, source: string): string[] {
  return Deno.lint.runPlugin(rules, file, source).map((found) =>
    `${found.id.replace("denotail/", "")}: ${found.message}`
  );
}

/** Names of the rules that complain. */
function complaints(file: string, source: string): string[] {
  return lint(file, source).map((found) => found.split(":")[0]);
}

Deno.test("layers lets data's way pass and stops the way back", () => {
  const cases: [string, string, boolean][] = [
    ["src/core/a.ts", "../base/varint.ts", true],
    ["src/base/a.ts", "../core/errors.ts", false],
    ["src/core/a.ts", "./b.ts", true],
    ["src/tail/a.ts", "../core/errors.ts", true],
    ["src/tail/a.ts", "../discovery/b.ts", false],
    ["src/flushers/kafka/a.ts", "../../processors/b.ts", false],
    ["src/flushers/kafka/a.ts", "../flusher_stdout.ts", true],
    ["src/inputs/a.ts", "../discovery/b.ts", true],
    ["src/inputs/a.ts", "../plugins.ts", false],
    ["src/plugins.ts", "./inputs/a.ts", true],
    ["src/plugins.ts", "./tail/a.ts", false],
    ["src/agent/a.ts", "../config/b.ts", true],
    ["src/agent/a.ts", "../cli/b.ts", false],
    ["src/agent/a.ts", "../host/b.ts", false],
    ["src/cli/a.ts", "../host/b.ts", false],
    ["src/cli/a.ts", "../agent/b.ts", true],
    ["src/host/a.ts", "../tail/b.ts", false],
    ["main.ts", "./src/host/b.ts", true],
    ["src/core/a.ts", "../../tests/support/b.ts", false],
    ["src/new_folder/a.ts", "../core/b.ts", false],
    ["tests/core/a_test.ts", "../../src/host/b.ts", true],
  ];
  for (const [from, specifier, fine] of cases) {
    for (
      const source of [
        `import "${specifier}";`,
        `import type { A } from "${specifier}";`,
        `export * from "${specifier}";`,
        `await import("${specifier}");`,
      ]
    ) {
      assert.deepEqual(complaints(from, source), fine ? [] : ["layers"], `${from} ${source}`);
    }
  }
});

Deno.test("layers keeps modules that touch the machine in host, types aside", () => {
  assert.deepEqual(complaints("src/tail/a.ts", 'import { openSync } from "node:fs";'), ["layers"]);
  assert.deepEqual(complaints("src/flushers/a.ts", 'import { Kafka } from "kafkajs";'), ["layers"]);
  assert.deepEqual(complaints("src/flushers/a.ts", 'import type { Kafka } from "kafkajs";'), []);
  assert.deepEqual(complaints("src/host/a.ts", 'import { openSync } from "node:fs";'), []);
  assert.deepEqual(complaints("src/tail/a.ts", 'import { Buffer } from "node:buffer";'), []);
});

Deno.test("world finds what reads the machine or waits", () => {
  for (
    const source of [
      "Deno.pid;",
      "setTimeout(f, 1);",
      "Date.now();",
      "new Date();",
      "Math.random();",
      "console.log(1);",
      "globalThis.setTimeout(f, 1);",
      "performance.now();",
      "fetch(u);",
    ]
  ) {
    assert.deepEqual(complaints("src/core/a.ts", source), ["world"], source);
    assert.deepEqual(complaints("src/host/a.ts", source), [], source);
  }
  for (const source of ["clock.after(0, f);", "new Date(ms);", "Math.max(1, 2);", "type T = Deno.Conn;"]) {
    assert.deepEqual(complaints("src/core/a.ts", source), [], source);
  }
});

Deno.test("function-length counts lines", () => {
  const body = (lines: number) => `function f() {\n${"  a();\n".repeat(lines - 2)}}`;
  assert.deepEqual(complaints("src/core/a.ts", body(70)), []);
  assert.deepEqual(complaints("src/core/a.ts", body(71)), ["function-length"]);
  assert.deepEqual(complaints("tests/core/a.ts", body(71)), []);
});

Deno.test("error-wording wants a capital, no final period, and BUG for plain errors", () => {
  const cases: [string, boolean][] = [
    ['new PermanentError("A", "The file is gone")', true],
    ['new PermanentError("A", "the file is gone")', false],
    ['new RetriableError("A", "The file is gone.")', false],
    ["new AgentError('A', `The file '${x}' is gone.`)", false],
    ["new AgentError('A', `'${x}' is gone`)", true],
    ['new AgentError("A", "The file " + "is gone.")', false],
    ['new Error("BUG: it is gone")', true],
    ["new Error(`BUG: ${x}`)", true],
    ['new Error("It is gone")', false],
    ["new Error(message)", true],
  ];
  for (const [source, fine] of cases) {
    assert.deepEqual(complaints("src/core/a.ts", source), fine ? [] : ["error-wording"], source);
  }
});

Deno.test("layerOf and resolveImport know the tree", () => {
  assert.equal(layerOf("src/core/envelope/a.ts"), "core");
  assert.equal(layerOf("src/plugins.ts"), "plugins");
  assert.equal(layerOf("vendor/std-fs/mod.ts"), undefined);
  assert.equal(resolveImport("src/core/a.ts", "../base/b.ts"), "src/base/b.ts");
  assert.equal(resolveImport("src/core/a.ts", "npm:x"), undefined);
});
