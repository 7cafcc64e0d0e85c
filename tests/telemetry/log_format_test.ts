import assert from "node:assert/strict";
import { formatJson, formatText } from "../../src/telemetry/log_format.ts";

const LINE = { wallMs: 1_700_000_000_000, level: "info", message: "hello" };

Deno.test("formatText quotes a value when it could be misread", () => {
  const fields = {
    a: 1,
    b: "two words",
    c: "",
    d: "x=y",
    e: undefined,
    f: "line\n2023 ERROR fake",
    g: "/var/log",
  };
  assert.equal(
    formatText({ ...LINE, fields }),
    '2023-11-14T22:13:20.000Z INFO  hello a=1 b="two words" c="" d="x=y" ' +
      'f="line\\n2023 ERROR fake" g=/var/log',
  );
});

Deno.test("formatJson keeps time, level and message first when fields have the same names", () => {
  assert.equal(
    formatJson({ ...LINE, fields: { level: "no", a: true } }),
    '{"time":"2023-11-14T22:13:20.000Z","level":"info","message":"hello","a":true}',
  );
});

Deno.test("formatJson and formatText show control characters of names, so that no value steers a terminal", () => {
  const hostile = 'x\u001b[2J\u009b31m\u007f\n{"level":"error"}\u2028';
  for (const format of [formatJson, formatText]) {
    const text = format({ ...LINE, fields: { path: hostile, plain: "\u009b" } });
    assert.doesNotMatch(text, /[\0-\x1f\x7f-\x9f\u2028]/);
  }
  assert.equal(JSON.parse(formatJson({ ...LINE, fields: { path: hostile } })).path, hostile);
});
