/**
 * A gRPC server on a unix socket for tests: it answers, refuses, hangs or breaks as each handler says. Its bytes pass
 * through plain sockets in front: a daemon that dies says no goodbye, and on Deno 2.4 the connections of an HTTP/2 server
 * cannot be torn.
 */
import { createServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import { grpcFrame, GrpcFrames } from "../../src/host/grpc_frames.ts";
import { onDeno24 } from "./deno_version.ts";

/** What a handler does with one call. */
export interface GrpcReply {
  /** Sends one message. */
  message(bytes: Uint8Array): void;
  /** Ends with a status; without any message before it is a trailers-only answer. */
  status(code: number, text?: string): void;
  /** Ends the stream without a status. */
  end(): void;
  /** Tears the connection down, as a daemon that dies. */
  crash(): void;
  /** Resolves when the client cancelled or the stream closed. */
  readonly closed: Promise<void>;
  readonly metadata: Record<string, unknown>;
}

export type GrpcHandler = (request: Uint8Array, reply: GrpcReply) => void | Promise<void>;

export interface GrpcServer {
  readonly socket: string;
  /** Paths of all calls so far. */
  readonly calls: string[];
  /** Connections opened so far. */
  readonly sessions: () => number;
  /** By path; a missing one is UNIMPLEMENTED. */
  readonly handlers: Map<string, GrpcHandler>;
  stop(): Promise<void>;
}

/** Starts it; the socket file is made anew. */
export async function startGrpcServer(
  socket: string,
  handlers: Record<string, GrpcHandler>,
): Promise<GrpcServer> {
  const table = new Map(Object.entries(handlers));
  const calls: string[] = [];
  const behind = `${socket}.http2`;
  const front = relay(socket, behind);
  let count = 0;
  const server = createServer();
  server.on("session", (session: Http2Session) => {
    count++;
    session.on("error", () => {});
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const path = String(headers[":path"]);
    calls.push(path);
    stream.on("error", () => {});
    const frames = new GrpcFrames();
    let request: Uint8Array = new Uint8Array(0);
    stream.on("data", (bytes: Uint8Array) => {
      for (const message of frames.push(bytes)) request = message.slice();
    });
    const closed = new Promise<void>((resolve) => stream.on("close", () => resolve()));
    const reply = replyOn(stream, closed, headers, front.crash);
    stream.on("end", () => {
      const handler = table.get(path);
      if (handler === undefined) reply.status(12, `unknown method ${path}`);
      else handler(request, reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(behind, resolve));
  return {
    socket,
    calls,
    sessions: () => count,
    handlers: table,
    stop: async () => {
      await front.stop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Listens, hands each connection on to a server behind; `crash` tears all there are. */
function relay(socket: string, behind: string): { crash(): void; stop(): Promise<void> } {
  const listener = Deno.listen({ transport: "unix", path: socket });
  const open = new Set<Deno.UnixConn>();
  const close = (...ends: Deno.UnixConn[]) => {
    for (const end of ends) if (open.delete(end)) end.close();
  };
  const accept = async () => {
    for await (const client of listener) {
      const back = await Deno.connect({ transport: "unix", path: behind });
      open.add(client).add(back);
      // Both ways fail when an end is torn.
      for (const [from, to] of [[client, back], [back, client]]) {
        from.readable.pipeTo(to.writable).catch(() => {}).finally(() => close(client, back));
      }
    }
  };
  const accepting = accept();
  const crash = () => close(...open);
  return {
    crash,
    stop: async () => {
      listener.close();
      crash();
      await accepting;
    },
  };
}

function replyOn(
  stream: ServerHttp2Stream,
  closed: Promise<void>,
  headers: Record<string, unknown>,
  crash: () => void,
): GrpcReply {
  const open = () => {
    if (stream.headersSent) return;
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
  };
  let trailers: Record<string, string> = {};
  let wantsTrailers = true;
  stream.on("wantTrailers", () => {
    if (wantsTrailers) stream.sendTrailers(trailers);
    else stream.close();
  });
  return {
    closed,
    metadata: headers,
    message: (bytes) => {
      open();
      stream.write(grpcFrame(bytes));
    },
    status: (code, text = "") => {
      trailers = { "grpc-status": String(code), "grpc-message": encodeURIComponent(text) };
      // Deno 2.4 loses the headers of an answer that ends with them: there the status comes as trailers.
      if (onDeno24) open();
      if (stream.headersSent) stream.end();
      else {
        stream.respond({ ":status": 200, "content-type": "application/grpc+proto", ...trailers }, {
          endStream: true,
        });
      }
    },
    end: () => {
      open();
      wantsTrailers = false;
      stream.end();
    },
    crash,
  };
}
