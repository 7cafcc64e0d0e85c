import assert from "node:assert/strict";
import { filesBelow, textOf } from "../support/tree.ts";
import { fillIn } from "./peer_run.ts";

Deno.test("fillIn puts values for words between at signs, and throws when there is none", () => {
  assert.equal(fillIn('topic="@TOPIC@" $@', { TOPIC: "t" }), 'topic="t" $@');
  assert.throws(() => fillIn("@NONE@", {}), /no value for @NONE@/);
});

Deno.test("configurations of the peers exist for each step, with the same destination", () => {
  const configurations = filesBelow("tests/bench/peers", ".conf");
  const names = ["rsyslog", "syslog_ng"].flatMap((peer) =>
    ["json", "raw", "regex"].map((step) => `tests/bench/peers/${peer}_${step}.conf`)
  );
  assert.deepEqual(configurations, names);
  for (const path of configurations) {
    for (const word of ["@BROKER@", "@TOPIC@", "@CODEC@", "@LEVEL@"]) {
      assert.ok(textOf(path).includes(word), `${path} has no ${word}`);
    }
  }
});
