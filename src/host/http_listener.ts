import { describeError } from "../core/errors.ts";
import type { Clock, Timer } from "../core/host.ts";
import type { HttpPages } from "../core/http.ts";
import type { Log } from "../core/telemetry.ts";

/** A port in use is tried again: during a rolling update on the host's network the old agent still has it. */
const RETRY_MS = 5_000;

/** A server that listens, or will. */
export interface HttpListener {
  /** `host:port` once it listens, else `null`. */
  readonly address: string | null;
  close(): Promise<void>;
}

/**
 * Serves the agent's own pages on `host:port` (port 0: any free one). Whatever goes wrong here never stops the
 * agent: it is said once, and tried again where that may help.
 */
export function listenHttp(address: string, pages: HttpPages, clock: Clock, log: Log): HttpListener {
  const { hostname, port } = splitAddress(address);
  let server: Deno.HttpServer<Deno.NetAddr> | null = null;
  let retry: Timer | null = null;
  let isClosed = false;
  const listen = (): void => {
    retry = null;
    if (isClosed) return;
    try {
      server = Deno.serve(
        { hostname, port, onListen: () => {}, onError: failed },
        (request) => answer(pages, request),
      );
    } catch (error) {
      const again = error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.AddrNotAvailable;
      log.warnOnce(`http listener ${address}`, "metrics and health are not served", {
        address,
        reason: describeError(error),
        again,
      });
      if (again) retry = clock.after(RETRY_MS, listen);
    }
  };
  listen();
  return {
    get address(): string | null {
      return server === null ? null : `${server.addr.hostname}:${server.addr.port}`;
    },
    close: async (): Promise<void> => {
      isClosed = true;
      retry?.cancel();
      await server?.shutdown();
    },
  };
}

/** `127.0.0.1:9465`, `[::1]:9465`, `:9465` (all addresses). */
export function splitAddress(address: string): { hostname: string; port: number } {
  const colon = address.lastIndexOf(":");
  const hostname = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { hostname: hostname === "" ? "0.0.0.0" : hostname, port: Number(address.slice(colon + 1)) };
}

async function answer(pages: HttpPages, request: Request): Promise<Response> {
  const { status, contentType, body } = await pages(request.method, new URL(request.url).pathname);
  return new Response(request.method === "HEAD" ? null : body, {
    status,
    headers: { "content-type": contentType },
  });
}

function failed(error: unknown): Response {
  return new Response(`${describeError(error)}\n`, { status: 500 });
}
