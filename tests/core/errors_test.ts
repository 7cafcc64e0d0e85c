import assert from "node:assert/strict";
import { AgentError, describeError, PermanentError, RetriableError } from "../../src/core/errors.ts";

Deno.test("AgentError carries code, cause and the name of its kind", () => {
  const cause = new TypeError("no");
  const error = new RetriableError("KAFKA_DOWN", "The broker is away", { cause });
  assert.deepEqual([error.name, error.code, error.cause], ["RetriableError", "KAFKA_DOWN", cause]);
  assert.ok(error instanceof AgentError && !(error instanceof PermanentError));
});

Deno.test("describeError joins the sentences of an error and its causes, each once", () => {
  const inner = new Error("connection refused");
  const middle = new Error("The socket broke", { cause: inner });
  const outer = new PermanentError("X", "The call failed", { cause: middle });
  assert.equal(describeError(outer), "The call failed: The socket broke: connection refused");
  assert.equal(describeError(new Error("same", { cause: new Error("same") })), "same");
  assert.equal(describeError(new Error("", { cause: "a text" })), "a text");
  assert.equal(describeError(undefined), "");
});

Deno.test("describeError ends when causes go round in a circle", () => {
  const error = new Error("a");
  error.cause = new Error("b", { cause: error });
  assert.equal(describeError(error), "a: b");
});
