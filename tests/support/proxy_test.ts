import assert from "node:assert/strict";
import { freePorts, sleep } from "./process.ts";
import { TestProxy } from "./proxy.ts";

/** A server that gives back what it gets. */
function echo(): { port: number; end(): Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const copies: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      copies.push(connection.readable.pipeTo(connection.writable).catch(() => {}));
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async end() {
      listener.close();
      await accepting;
      await Promise.all(copies);
    },
  };
}

async function askOn(connection: Deno.Conn, bytes: number): Promise<number> {
  const sent = connection.write(new Uint8Array(bytes));
  const buffer = new Uint8Array(bytes);
  let got = 0;
  while (got < bytes) got += await connection.read(buffer) ?? bytes;
  await sent;
  return got;
}

Deno.test("TestProxy passes bytes on, slows them down, and forgets a connection that stays open", async () => {
  const server = echo();
  const [port] = freePorts(1);
  const proxy = new TestProxy(port, server.port);
  const first = await Deno.connect({ hostname: "127.0.0.1", port });
  assert.equal(await askOn(first, 1000), 1000);
  proxy.bytesPerSecond = 10_000;
  const began = performance.now();
  await askOn(first, 3000);
  assert.ok(performance.now() - began >= 290);
  proxy.bytesPerSecond = Infinity;
  assert.equal(proxy.forgetConnections(), 1);
  let answered = false;
  const asked = askOn(first, 10).then(() => answered = true, () => {});
  const second = await Deno.connect({ hostname: "127.0.0.1", port });
  await askOn(second, 10);
  await sleep(20);
  assert.equal(answered, false);
  second.close();
  first.close();
  await proxy.end();
  await asked;
  await server.end();
});
