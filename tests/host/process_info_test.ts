import assert from "node:assert/strict";
import { ownCpuMs, ownHostName, ownPid, ownRssBytes, readEnv } from "../../src/host/process_info.ts";

Deno.test("ownCpuMs grows with the work done when the process computes", () => {
  const before = ownCpuMs();
  const until = performance.now() + 2_000;
  while (ownCpuMs() - before < 20 && performance.now() < until) Math.sqrt(performance.now());
  assert.ok(ownCpuMs() - before >= 20);
});

Deno.test("ownRssBytes and ownPid tell of this process", () => {
  assert.ok(ownRssBytes() > 10_000_000);
  assert.equal(ownPid(), Deno.pid);
});

Deno.test("ownHostName falls back to HOSTNAME when Deno refuses", { permissions: { sys: false } }, () => {
  assert.equal(ownHostName((name) => name === "HOSTNAME" ? "node-7" : undefined), "node-7");
  assert.equal(ownHostName(() => undefined), "unknown");
});

Deno.test("readEnv is undefined when the variable may not be read", { permissions: { env: false } }, () => {
  assert.equal(readEnv("HOME"), undefined);
});
