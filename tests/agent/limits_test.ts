import assert from "node:assert/strict";
import { ByteBudget } from "../../src/agent/budget.ts";
import { Limits } from "../../src/agent/limits.ts";
import type { AgentOptions, World } from "../../src/agent/options.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const MIB = 1024 * 1024;

/** Limits on a virtual process. */
function bed(options: Partial<AgentOptions>) {
  const clock = new VirtualClock();
  const log = new MemoryLog();
  const process = {
    rss: 100 * MIB,
    cpu: 0,
    collected: 0,
    rssBytes: () => process.rss,
    cpuSeconds: () => process.cpu,
    collectGarbage: () => process.collected++,
  };
  const budget = new ByteBudget(16 * MIB);
  let resumed = 0;
  const given = {
    cpuLimitCores: null,
    memoryLimitMb: null,
    budgetBytes: 16 * MIB,
    ...options,
  } as AgentOptions;
  const limits = new Limits(given, { clock, log, process } as unknown as World, budget, () => resumed++);
  limits.start();
  clock.advance(0);
  return { clock, log, process, budget, limits, resumed: () => resumed };
}

Deno.test("Limits let everything pass when none is set", () => {
  const { clock, process, budget, limits } = bed({});
  process.rss = 10_000 * MIB;
  process.cpu = 100;
  clock.advance(5_000);
  assert.equal(limits.waitMs(), 0);
  assert.equal(limits.readingAllowed(), true);
  assert.equal(budget.bytesMax, 16 * MIB);
});

Deno.test("Limits shrink the budget above 80 % of the memory limit and stop reading above 90 %", () => {
  const { clock, process, budget, limits, resumed } = bed({ memoryLimitMb: 200 });
  assert.equal(budget.bytesMax, 16 * MIB);
  process.rss = 170 * MIB;
  clock.advance(1_000);
  assert.ok(budget.bytesMax < 16 * MIB && budget.bytesMax > 256 * 1024, String(budget.bytesMax));
  assert.equal(limits.readingAllowed(), true);
  budget.holder("client").used = 1;
  process.rss = 190 * MIB;
  clock.advance(1_000);
  assert.equal(limits.readingAllowed(), false);
  assert.equal(budget.bytesMax, 256 * 1024);
  clock.advance(5_000);
  assert.equal(resumed(), 0);
  process.rss = 150 * MIB;
  clock.advance(1_000);
  assert.equal(limits.readingAllowed(), true);
  assert.equal(resumed(), 1, "the tail is woken once");
  clock.advance(60_000);
  assert.equal(resumed(), 1);
  assert.equal(budget.bytesMax, 16 * MIB, "it grows back");
});

Deno.test("Limits go on with the smallest budget when the process needs more at rest, and name the floor once", () => {
  const { clock, process, budget, limits, log } = bed({ memoryLimitMb: 100 });
  process.rss = 120 * MIB;
  clock.advance(20_000);
  assert.equal(limits.readingAllowed(), true);
  assert.equal(budget.bytesMax, 256 * 1024);
  const warnings = log.lines.filter(({ level }) => level === "warn");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0].message, /below what the process needs at rest/);
});

Deno.test("Limits make turns wait while the CPU limit is used up", () => {
  const { clock, process, limits } = bed({ cpuLimitCores: 0.5 });
  assert.equal(limits.waitMs(), 0);
  clock.advance(1_000);
  process.cpu = 1.5;
  const waitMs = limits.waitMs();
  assert.ok(waitMs > 500, String(waitMs));
  clock.advance(10_000);
  assert.equal(limits.waitMs(), 0);
  assert.ok(limits.turnMs() <= 10);
});

Deno.test("Limits sample no more after stop", () => {
  const { clock, limits } = bed({ memoryLimitMb: 100 });
  limits.stop();
  assert.equal(clock.pending, 0);
  limits.stop();
});

Deno.test("Limits give memory back when nothing was held for a while", () => {
  const { clock, process, budget } = bed({});
  const holder = budget.holder("client");
  holder.used = 1;
  clock.advance(60_000);
  assert.equal(process.collected, 0);
  holder.used = 0;
  clock.advance(60_000);
  assert.equal(process.collected, 1);
});
