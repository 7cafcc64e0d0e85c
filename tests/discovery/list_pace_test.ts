import assert from "node:assert/strict";
import { ListPace } from "../../src/discovery/list_pace.ts";

Deno.test("ListPace lets a burst through at once when it rested, then one each gap", () => {
  const pace = new ListPace(3, 500);
  for (let n = 0; n < 3; n++) {
    assert.equal(pace.waitMs(1000), 0);
    pace.took(1000);
  }
  assert.equal(pace.waitMs(1000), 500);
  assert.equal(pace.waitMs(1400), 100);
  assert.equal(pace.waitMs(1500), 0);
  pace.took(1500);
  assert.equal(pace.waitMs(1500), 500);
});

Deno.test("ListPace has the whole burst again when it rested for as many gaps, and never more", () => {
  const pace = new ListPace(3, 500);
  for (let n = 0; n < 3; n++) pace.took(0);
  for (let n = 0; n < 3; n++) {
    assert.equal(pace.waitMs(60_000), 0);
    pace.took(60_000);
  }
  assert.equal(pace.waitMs(60_000), 500);
});
