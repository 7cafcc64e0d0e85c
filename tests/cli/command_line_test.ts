import assert from "node:assert/strict";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { type Flag, FLAGS } from "../../src/cli/flags.ts";

const parse = (...args: string[]) => parseCommandLine(args, "1.2.3");

Deno.test("parseCommandLine reads commands and flags", () => {
  assert.deepEqual(parse("run"), { kind: "run", flags: {} });
  assert.deepEqual(parse("validate", "--config-dir", "/x"), { kind: "validate", flags: { configDir: "/x" } });
  assert.deepEqual(parse("start", "--from-start", "--metrics=off"), {
    kind: "start",
    flags: { fromStart: "true", metrics: "off" },
  });
  assert.deepEqual(parse("run", "--from-start=false"), { kind: "run", flags: { fromStart: "false" } });
  assert.deepEqual(parse("docs"), { kind: "docs", folder: "docs/reference" });
  assert.deepEqual(parse("docs", "/x"), { kind: "docs", folder: "/x" });
});

Deno.test("parseCommandLine answers --version and --help with text", () => {
  assert.deepEqual(parse("--version"), { kind: "text", text: "1.2.3\n" });
  const help = parse("run", "--help");
  assert.ok(help.kind === "text");
  for (const flag of Object.values(FLAGS) as Flag<unknown>[]) {
    assert.match(help.text, new RegExp(`--${flag.name}\\b`));
    for (const name of flag.env) assert.ok(help.text.includes(name), name);
  }
});

Deno.test("parseCommandLine answers mistakes with usage", () => {
  const cases: [string[], RegExp][] = [
    [[], /Usage: denotail/],
    [["rum"], /unknown command 'rum'[\s\S]*Did you mean run\?/],
    [["run", "--cpu-limt", "1"], /unknown option '--cpu-limt'[\s\S]*Did you mean --cpu-limit\?/],
    [["run", "--config-dir"], /argument missing/],
    [["run", "surplus"], /too many arguments/],
  ];
  for (const [args, want] of cases) {
    const asked = parse(...args);
    assert.ok(asked.kind === "usage", args.join(" "));
    assert.match(asked.text, want);
  }
});
