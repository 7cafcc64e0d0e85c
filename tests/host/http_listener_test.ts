import assert from "node:assert/strict";
import { listenHttp, splitAddress } from "../../src/host/http_listener.ts";
import { systemClock } from "../../src/host/clock.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { VirtualClock } from "../support/virtual_host.ts";

function pages(_method: string, path: string) {
  if (path === "/broken") return Promise.reject(new Error("no facts"));
  return Promise.resolve({ status: 503, contentType: "text/plain", body: `page ${path}\n` });
}

Deno.test("listenHttp serves status and body when a page is asked for", async () => {
  const listener = listenHttp("127.0.0.1:0", pages, systemClock, new MemoryLog());
  try {
    const answer = await fetch(`http://${listener.address}/readyz?x=1`);
    assert.deepEqual([answer.status, await answer.text()], [503, "page /readyz\n"]);
    const broken = await fetch(`http://${listener.address}/broken`);
    assert.deepEqual([broken.status, await broken.text()], [500, "no facts\n"]);
  } finally {
    await listener.close();
  }
});

Deno.test("listenHttp warns once and takes the port later when it is in use", async () => {
  const first = listenHttp("127.0.0.1:0", pages, systemClock, new MemoryLog());
  const clock = new VirtualClock();
  const log = new MemoryLog();
  const second = listenHttp(first.address!, pages, clock, log);
  assert.equal(second.address, null);
  clock.advance(12_000);
  assert.deepEqual(log.messages("warn"), ["metrics and health are not served"]);
  const { address } = first;
  await first.close();
  clock.advance(5_000);
  assert.equal(second.address, address);
  await second.close();
});

Deno.test("splitAddress reads host and port when the host is left out or IPv6", () => {
  assert.deepEqual(splitAddress("127.0.0.1:9465"), { hostname: "127.0.0.1", port: 9465 });
  assert.deepEqual(splitAddress("[::1]:80"), { hostname: "::1", port: 80 });
  assert.deepEqual(splitAddress(":9465"), { hostname: "0.0.0.0", port: 9465 });
});
