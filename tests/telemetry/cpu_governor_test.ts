import assert from "node:assert/strict";
import fc from "fast-check";
import { CpuGovernor } from "../../src/telemetry/cpu_governor.ts";

/** A process with an unlimited backlog: turns overrun, and other threads use CPU beside them. */
function simulate(limit: number, seconds: number, overrun: number, beside: number): { cpu: number[] } {
  const governor = new CpuGovernor(limit);
  let nowMs = 0;
  let cpuMs = 400;
  const cpu: number[] = [];
  let noted = 0;
  while (nowMs < seconds * 1000) {
    const pause = governor.pauseMs(cpuMs, nowMs);
    // Compression of what was read goes on during the pause.
    const wall = pause > 0 ? pause + 0.5 : governor.turnMs() * overrun;
    cpuMs += pause > 0 ? 0.05 : wall * (1 + beside);
    nowMs += wall;
    for (; noted * 1000 <= nowMs; noted++) cpu.push(cpuMs);
  }
  return { cpu };
}

Deno.test("CpuGovernor keeps any 10 s below 1.1 times the limit when the backlog is unlimited", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 0.9, noNaN: true }),
      fc.double({ min: 0.5, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (limit, overrun, beside) => {
        const { cpu } = simulate(limit, 60, overrun, beside);
        for (let i = 10; i < cpu.length; i++) {
          const used = (cpu[i] - cpu[i - 10]) / 10_000;
          assert.ok(used <= 1.1 * limit, `${used} of ${limit} cores`);
        }
        const mean = (cpu[cpu.length - 1] - cpu[0]) / 1000 / (cpu.length - 1);
        assert.ok(mean >= 0.9 * limit, `only ${mean} of ${limit} cores`);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("CpuGovernor never pauses when there is no limit", () => {
  const governor = new CpuGovernor(null);
  for (let i = 0; i < 100; i++) assert.equal(governor.pauseMs(i * 1000, i), 0);
  assert.equal(governor.turnMs(), 10);
});

Deno.test("CpuGovernor saves up a quarter of a second at most when the process was idle", () => {
  const governor = new CpuGovernor(0.5);
  governor.pauseMs(0, 0);
  assert.equal(governor.pauseMs(0, 3_600_000), 0);
  assert.equal(governor.pauseMs(125, 3_600_000), 0);
  assert.ok(governor.pauseMs(135, 3_600_000) > 0);
});

Deno.test("CpuGovernor looks again within a second when the debt is large", () => {
  const governor = new CpuGovernor(0.1);
  governor.pauseMs(0, 0);
  assert.equal(governor.pauseMs(5_000, 10), 1_000);
});

Deno.test("CpuGovernor makes turns shorter when the limit is small", () => {
  assert.equal(new CpuGovernor(0.1).turnMs(), 2);
  assert.equal(new CpuGovernor(0.25).turnMs(), 5);
  assert.equal(new CpuGovernor(4).turnMs(), 10);
});
