import assert from "node:assert/strict";
import { barNow, type Check, checkText, gateText, isMet } from "./bench_gate.ts";

const cpu: Check = { what: "raw", measured: 1.2, bar: 1.1, unit: "CPU-s per million", slowness: 1 };

Deno.test("isMet holds a measured value against the bar when the machine is as fast as the nominal one", () => {
  assert.equal(isMet(cpu), false);
  assert.equal(isMet({ ...cpu, measured: 1.1 }), true);
});

Deno.test("isMet takes what is printed as the bar for the bar", () => {
  assert.equal(isMet({ ...cpu, measured: 1.104 }), true);
  assert.equal(isMet({ ...cpu, measured: 1.106 }), false);
});

Deno.test("isMet allows more when the calibration loop took longer, and less when it took shorter", () => {
  assert.equal(barNow({ ...cpu, bar: 1, slowness: 1.25 }), 1.25);
  assert.equal(isMet({ ...cpu, slowness: 1.25 }), true);
  assert.equal(isMet({ ...cpu, measured: 1.1, slowness: 0.8 }), false);
});

Deno.test("isMet wants none when the bar is 0", () => {
  const killed: Check = { what: "killed", measured: 0, bar: 0, unit: "processes", slowness: 1 };
  assert.equal(isMet(killed), true);
  assert.equal(isMet({ ...killed, measured: 1 }), false);
});

Deno.test("checkText names both bars when the machine is slower than nominal", () => {
  assert.equal(
    checkText({ ...cpu, slowness: 1.25 }),
    "MET    raw: 1.20 of 1.38 CPU-s per million (1.10 at calibration 1, now 1.25)",
  );
  assert.equal(checkText(cpu), "MISSED raw: 1.20 of 1.10 CPU-s per million");
});

Deno.test("gateText counts what was met when there are several checks", () => {
  const text = gateText([cpu, { ...cpu, measured: 1 }]);
  assert.match(text, /^MISSED raw.*\nMET {4}raw.*\n1 bars met, 1 missed$/);
});
