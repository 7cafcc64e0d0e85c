import assert from "node:assert/strict";
import { loadCluster, makeBroker } from "../../src/host/kafkajs_parts.ts";
import { KeptLog } from "../support/flusher_bed.ts";

const settings = { brokers: ["127.0.0.1:9"], clientId: "test", connectTimeoutMs: 1000, keepAliveMs: 0 };

function noDial(): never {
  throw new Error("nobody asked for a connection");
}

Deno.test("kafkajs still has every private part that is used when its version is the pinned one", async () => {
  const cluster = await loadCluster(settings, new KeptLog(), noDial);
  const broker = await makeBroker(cluster, "127.0.0.1", 9);
  const [connection] = broker.connectionPool.pool;
  const queue = connection.requestQueue;
  for (const name of ["connect"] as const) assert.equal(typeof broker[name], "function", name);
  for (const name of ["isConnected", "isAuthenticated", "authenticate", "nextCorrelationId"] as const) {
    assert.equal(typeof connection[name], "function", name);
  }
  for (const name of ["push", "rejectAll", "maybeThrottle", "checkPendingRequests", "destroy"] as const) {
    assert.equal(typeof queue[name], "function", name);
  }
  assert.ok(Array.isArray(queue.pending) && queue.inflight instanceof Map);
  assert.equal(queue.throttledUntil, -1);
  assert.equal("versions" in broker && broker.versions, null);
  assert.equal(connection.isConnected(), false);
});

Deno.test("kafkajs arms no timer when a request is looked after and none is pending", async () => {
  const broker = await makeBroker(await loadCluster(settings, new KeptLog(), noDial), "127.0.0.1", 9);
  const queue = broker.connectionPool.pool[0].requestQueue;
  queue.checkPendingRequests();
  assert.ok(!queue.throttleCheckTimeoutId);
  const waits = { send: () => {}, expectResponse: false, correlationId: 1, completed: () => {} };
  queue.throttledUntil = Date.now() + 50_000;
  queue.pending.push(waits);
  queue.checkPendingRequests();
  assert.ok(queue.throttleCheckTimeoutId);
  queue.destroy();
});
