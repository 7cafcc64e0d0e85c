import assert from "node:assert/strict";
import { checkDestinations } from "../../../src/cli/doctor/check_destinations.ts";

const ok = { name: "broker 'a:1'", state: "ok", found: "answers", remedy: "" } as const;
const missing = { name: "topic 't'", state: "warning", found: "is not there", remedy: "Create it" } as const;

Deno.test("checkDestinations tells what two pipelines share once, with both where it is a fault", () => {
  const findings = checkDestinations([
    { stem: "one", probed: [ok, missing] },
    { stem: "two", probed: [ok, missing] },
    { stem: "two", probed: [missing] },
    { stem: "none", probed: [] },
  ]);
  assert.deepEqual(findings, [
    { check: "destination", state: "ok", found: "broker 'a:1' answers", pipelines: [], remedy: [] },
    {
      check: "destination",
      state: "warning",
      found: "topic 't' is not there",
      pipelines: ["one", "two"],
      remedy: ["Create it"],
    },
  ]);
});
