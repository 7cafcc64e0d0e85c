import assert from "node:assert/strict";
import { RetriableError } from "../../src/core/errors.ts";
import { RuntimeError } from "../../src/core/runtime.ts";

Deno.test("RuntimeError can be tried again, and its code names the reason", () => {
  const cause = new Error("ENOENT");
  const error = new RuntimeError("away", "Nobody listens", { cause });
  assert.ok(error instanceof RetriableError);
  assert.deepEqual([error.code, error.reason, error.cause], ["RUNTIME_AWAY", "away", cause]);
});
