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
