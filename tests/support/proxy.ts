/** A TCP proxy on the loopback interface that can be slow, stand still, or forget its connections. */
import { sleep } from "./process.ts";

/** How much is passed on at a time. */
const CHUNK_BYTES = 16 * 1024;

interface Pair {
  client: Deno.Conn;
  server: Deno.Conn;
  /** Nothing is passed on any more, and nobody is told: half open. */
  forgotten: boolean;
}

/** Bytes go both ways as they come, until somebody says otherwise. */
export class TestProxy {
  /** Bytes a second towards the target, of all connections together. */
  bytesPerSecond = Infinity;
  readonly #listener: Deno.Listener;
  readonly #targetPort: number;
  readonly #pairs: Set<Pair> = new Set();
  readonly #pumps: Set<Promise<void>> = new Set();
  readonly #accepting: Promise<void>;
  /** When the next chunk may go. */
  #dueMs = 0;
  #ended = false;

  constructor(port: number, targetPort: number) {
    this.#targetPort = targetPort;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#accepting = this.#accept();
  }

  /** Connections that are there now stay open, and nothing comes through them any more. New ones work. */
  forgetConnections(): number {
    for (const pair of this.#pairs) pair.forgotten = true;
    return this.#pairs.size;
  }

  /** Closes everything. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#listener.close();
    for (const pair of this.#pairs) close(pair);
    await this.#accepting;
    await Promise.all(this.#pumps);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#targetPort })
          .catch(() => undefined);
        if (server === undefined) {
          client.close();
          continue;
        }
        const pair: Pair = { client, server, forgotten: false };
        this.#pairs.add(pair);
        this.#keep(this.#pump(pair, client, server, true));
        this.#keep(this.#pump(pair, server, client, false));
      }
    } catch {
      // Closed.
    }
  }

  #keep(pump: Promise<void>): void {
    this.#pumps.add(pump);
    pump.finally(() => this.#pumps.delete(pump));
  }

  async #pump(pair: Pair, from: Deno.Conn, to: Deno.Conn, limited: boolean): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    try {
      for (let count = await from.read(chunk); count !== null; count = await from.read(chunk)) {
        if (limited) await this.#turn(count);
        while (pair.forgotten && !this.#ended) await sleep(50);
        for (let at = 0; at < count;) at += await to.write(chunk.subarray(at, count));
      }
    } catch {
      // One side closed it.
    }
    close(pair);
    this.#pairs.delete(pair);
  }

  async #turn(bytes: number): Promise<void> {
    if (this.bytesPerSecond === Infinity) return;
    const now = performance.now();
    this.#dueMs = Math.max(this.#dueMs, now) + bytes * 1000 / this.bytesPerSecond;
    while (!this.#ended && performance.now() < this.#dueMs) {
      await sleep(Math.min(100, Math.max(1, this.#dueMs - performance.now())));
    }
  }
}

function close(pair: Pair): void {
  for (const side of [pair.client, pair.server]) {
    try {
      side.close();
    } catch {
      // Already.
    }
  }
}
