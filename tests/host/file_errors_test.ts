import assert from "node:assert/strict";
import { openSync } from "node:fs";
import type { OpenRefusal } from "../../src/core/host.ts";
import { refusalOf } from "../../src/host/file_errors.ts";

function errorOf(job: () => unknown): unknown {
  try {
    job();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("refusalOf knows the errors of node:fs and of Deno when a file is missing", () => {
  assert.equal(refusalOf(errorOf(() => openSync("/none/at/all", "r"))), "missing");
  assert.equal(refusalOf(errorOf(() => Deno.lstatSync("/none/at/all"))), "missing");
});

Deno.test("refusalOf says denied when Deno refuses", { permissions: { read: false } }, () => {
  assert.equal(refusalOf(errorOf(() => Deno.lstatSync("/etc/passwd"))), "denied");
  assert.equal(refusalOf(errorOf(() => openSync("/etc/passwd", "r"))), "denied");
});

Deno.test("refusalOf maps the codes of the kernel when opening fails", () => {
  const codes: Record<string, OpenRefusal> = {
    ENOTDIR: "missing",
    EACCES: "denied",
    ELOOP: "loop",
    ENXIO: "not_regular",
    EMFILE: "too_many_open",
    ENFILE: "too_many_open",
    EIO: "failed",
  };
  for (const [code, refusal] of Object.entries(codes)) {
    assert.equal(refusalOf(Object.assign(new Error(code), { code })), refusal);
  }
  assert.equal(refusalOf("nonsense"), "failed");
});
