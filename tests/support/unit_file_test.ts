import assert from "node:assert/strict";
import { parseUnit, settingOf } from "./unit_file.ts";

Deno.test("parseUnit collects settings by section, and an empty value forgets the ones before", () => {
  const unit = parseUnit("# a unit\n[Unit]\nAfter=a\nAfter=b\n\n[Service]\nA=1\nA=\nB=x=y\n");
  assert.deepEqual(unit.get("Unit.After"), ["a", "b"]);
  assert.deepEqual(unit.get("Service.A"), []);
  assert.equal(settingOf(unit, "Service.B"), "x=y");
  assert.throws(() => settingOf(unit, "Unit.After"), /stands 2 times/);
  assert.throws(() => parseUnit("[Unit]\nnonsense\n"), /not a line/);
});
