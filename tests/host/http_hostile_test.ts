/** The monitoring port under requests that are none, or mean harm: it goes on, and says nothing of the configuration. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/host/clock.ts";
import { listenHttp } from "../../src/host/http_listener.ts";
import { httpPages } from "../../src/telemetry/http_pages.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";
import { MemoryLog } from "../support/memory_log.ts";

const HOSTILE = [
  "",
  "\r\n\r\n",
  "GET\r\n\r\n",
  "GET /metrics HTTP/9.9\r\n\r\n",
  "GET /../../../etc/shadow HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /%2e%2e/%00/config HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET http://[::bad/ HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
  "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
  `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  `GET /metrics HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(5_000)}\r\n`,
  "TRACE /metrics HTTP/1.1\r\nHost: \x00\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff",
];

async function send(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  // The other side may close before it has read everything.
  await connection.write(bytes).catch(() => 0);
  await connection.closeWrite().catch(() => {});
  const answer = await new Response(connection.readable).text().catch(() => "");
  return answer;
}

Deno.test("listenHttp goes on answering after requests that are none, and answers them with nothing of its own", async () => {
  const good = { ok: true, reasons: [] };
  const pages = httpPages(new MetricRegistry(), () => good as never, () => good as never);
  const listener = listenHttp(
    "127.0.0.1:0",
    async (method, path) => {
      if (path === "/healthz") return { status: 200, contentType: "text/plain", body: "ok\n" };
      return await pages(method, path);
    },
    systemClock,
    new MemoryLog(),
  );
  const port = Number(listener.address!.split(":")[1]);
  try {
    for (const request of HOSTILE) {
      const answer = await send(port, request);
      assert.doesNotMatch(answer, /root:|\bat .*\.ts:|Error:/, request.slice(0, 60));
      assert.equal(
        await (await fetch(`http://127.0.0.1:${port}/healthz`)).text(),
        "ok\n",
        request.slice(0, 60),
      );
    }
  } finally {
    await listener.close();
  }
});
