import assert from "node:assert/strict";
import fc from "fast-check";
import { expandReferences } from "../../src/config/references.ts";

const sources = {
  env: (name: string) => ({ HOST: "kafka-0", EMPTY: "", NESTED: "${HOST}" })[name],
  readText: (path: string) => path === "/run/secret" ? "s3cret\n" : null,
};

Deno.test("expandReferences replaces names, defaults and files", () => {
  const cases: [string, string][] = [
    ["${HOST}:9092", "kafka-0:9092"],
    ["${EMPTY}x", "x"],
    ["${EMPTY:default}", ""],
    ["${NOBODY:a:b}", "a:b"],
    ["${NOBODY:{x$}}", "{x}"],
    ["${NOBODY:}", ""],
    ["${file:/run/secret}", "s3cret"],
    ["$${HOST}", "${HOST}"],
    ["${NESTED}", "${HOST}"],
    ["${HOST}${HOST}", "kafka-0kafka-0"],
  ];
  for (const [text, want] of cases) assert.equal(expandReferences(text, sources).text, want, text);
});

Deno.test("expandReferences leaves regular expressions as written", () => {
  for (const text of ["^(default)$", "a${2,3}", "^a$$", "x${}", "${1}", "$HOST", "[$]{HOST}", "${HOST"]) {
    assert.equal(expandReferences(text, sources).text, text);
  }
});

Deno.test("expandReferences names what has no value", () => {
  const { text, unset, unreadable } = expandReferences("a${NOBODY}b${file:/gone}c", sources);
  assert.deepEqual({ text, unset, unreadable }, { text: "abc", unset: ["NOBODY"], unreadable: ["/gone"] });
});

Deno.test("expandReferences names what the program may not ask for, with a default, too", () => {
  const granted = (kind: string, what: string) => `${kind} ${what}` !== "env NOBODY";
  const { text, unset, denied } = expandReferences("${NOBODY:x}${NOBODY}${OTHER}", { ...sources, granted });
  assert.deepEqual({ text, unset, denied }, { text: "x", unset: ["OTHER"], denied: ["NOBODY", "NOBODY"] });
});

Deno.test("expandReferences changes no text without a reference", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    fc.pre(!/\$\{[A-Za-z_]/.test(text));
    assert.equal(expandReferences(text, sources).text, text);
  }));
});
