import assert from "node:assert/strict";
import { LOSS_LABELS_MAX, LossLedger } from "../../src/tail/loss_ledger.ts";
import { KeptMetrics } from "../support/flusher_bed.ts";
import { MemoryLog } from "../support/memory_log.ts";

Deno.test("LossLedger counts bytes by reason and says each case with its place", () => {
  const log = new MemoryLog();
  const metrics = new KeptMetrics();
  const losses = new LossLedger(log, metrics);
  losses.book("vanished", "web", "/a.log", 10);
  losses.book("vanished", "web", "/b.log", 5);
  losses.book("truncated", "db", "/c.log", 1);
  assert.equal(metrics.value("denotail_lost_bytes_total reason=vanished"), 15);
  assert.equal(metrics.value("denotail_lost_bytes_total reason=truncated"), 1);
  assert.equal(losses.bytesLost, 16);
  assert.equal(log.messages("warn").length, 3);
  assert.deepEqual(log.lines[1].fields, { reason: "vanished", container: "web", path: "/b.log", bytes: 5 });
});

Deno.test("LossLedger counts a quiet case without a line", () => {
  const log = new MemoryLog();
  const losses = new LossLedger(log, new KeptMetrics());
  losses.book("record_truncated", "web", "/a.log", 10, true);
  assert.deepEqual([losses.bytesLost, log.lines.length], [10, 0]);
});

Deno.test("LossLedger sums up by container and reason, largest first, and says nothing when nothing was lost", () => {
  const log = new MemoryLog();
  const losses = new LossLedger(log, new KeptMetrics());
  losses.sumUp();
  assert.equal(log.lines.length, 0);
  losses.book("vanished", "web", "/a.log", 10, true);
  losses.book("truncated", "db", "/c.log", 40, true);
  losses.book("vanished", "web", "/b.log", 5, true);
  losses.sumUp();
  assert.deepEqual(log.lines[0].fields, { bytes: 55, byReason: "db truncated 40, web vanished 15" });
  for (let n = 0; n < LOSS_LABELS_MAX + 5; n++) losses.book("vanished", `c${n}`, "/d.log", 1, true);
  losses.sumUp();
  assert.match(
    String(log.lines[1].fields.byReason),
    /^db truncated 40, web vanished 15, others vanished 7, .* and \d+ more$/,
  );
});
