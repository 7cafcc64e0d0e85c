/**
 * A small gRPC client on node:http2 over a unix socket: unary calls and server streams, plaintext.
 * (grpc-js does not run on Deno 2.4 and needs nine environment names on 2.9.)
 *
 *     request    POST /<package.Service>/<Method>    content-type: application/grpc+proto, te: trailers
 *     body       frame…                              in both directions
 *     frame      compressed u8 = 0 | length u32 big-endian | message
 *     status     grpc-status, grpc-message           in the trailers, or in the headers when there is no body
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { connect as connectSocket } from "node:net";
import { RuntimeError } from "../core/runtime.ts";
import { grpcFrame, GrpcFrames } from "./grpc_frames.ts";
import { socketFailure } from "./socket_failure.ts";

/** Status codes that callers look at (grpc/status.proto). */
export const GRPC_STATUS = { ok: 0, notFound: 5, unimplemented: 12, unavailable: 14 } as const;

/** The server answered with a status other than OK. */
export class GrpcStatusError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message === "" ? `gRPC status ${code}` : message);
    this.name = "GrpcStatusError";
    this.code = code;
  }
}

/** Extra request headers, for instance containerd's namespace. */
export type GrpcMetadata = Readonly<Record<string, string>>;

/** One call: what to send, and what to do with each message that comes. */
interface GrpcCall {
  readonly method: string;
  readonly request: Uint8Array;
  readonly metadata: GrpcMetadata;
  readonly onMessage: (message: Uint8Array) => void;
}

/**
 * Calls over one HTTP/2 session, which is opened with the first call. Any error that is not a gRPC status throws
 * the session away: on Deno 2.4 a broken one never says so and fails for ever.
 */
export class GrpcChannel {
  #socket: string;
  #session: ClientHttp2Session | null = null;
  /** How to fail each running call; a dead session does not always end its streams. */
  #running = new Set<(error: unknown) => void>();
  #closed = false;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** One request, one answer. Throws GrpcStatusError or RuntimeError. */
  async unary(
    method: string,
    request: Uint8Array,
    signal: AbortSignal,
    metadata: GrpcMetadata = {},
  ): Promise<Uint8Array> {
    let answer: Uint8Array | null = null;
    await this.#call({ method, request, metadata, onMessage: (message) => answer = message }, signal);
    if (answer === null) {
      throw new RuntimeError("failed", `The call '${method}' was answered without a message`);
    }
    return answer;
  }

  /** One request, answers until the server ends the stream or the signal fires (both resolve). */
  async stream(
    method: string,
    request: Uint8Array,
    onMessage: (message: Uint8Array) => void,
    signal: AbortSignal,
    metadata: GrpcMetadata = {},
  ): Promise<void> {
    try {
      await this.#call({ method, request, metadata, onMessage }, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Ends the session and every running call. */
  close(): void {
    this.#closed = true;
    this.#drop(new RuntimeError("away", "The connection was closed"));
  }

  #call(call: GrpcCall, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let stream: ClientHttp2Stream | null = null;
      const finish = (error: unknown) => {
        if (!this.#running.delete(finish)) return;
        signal.removeEventListener("abort", onAbort);
        if (error === null) resolve();
        else reject(error);
      };
      const onAbort = () => {
        finish(signal.reason);
        // Only this stream ends: the session may serve others.
        stream?.close(constants.NGHTTP2_CANCEL);
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", onAbort);
      this.#running.add(finish);
      const broke = (error: unknown) => {
        if (this.#running.has(finish)) this.#drop(socketFailure(error, this.#socket));
      };
      try {
        stream = this.#open().request({
          ":method": "POST",
          ":path": call.method,
          "content-type": "application/grpc+proto",
          "te": "trailers",
          ...call.metadata,
        });
        follow(stream, call, finish, broke);
        stream.end(grpcFrame(call.request));
      } catch (error) {
        broke(error);
      }
    });
  }

  #open(): ClientHttp2Session {
    if (this.#closed) throw new RuntimeError("away", "The connection was closed");
    if (this.#session !== null && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const socket = connectSocket({ path: this.#socket });
    const session = connect("http://localhost", { createConnection: () => socket });
    const lost = (error?: unknown) => {
      if (this.#session === session) this.#drop(socketFailure(error, this.#socket));
    };
    socket.on("error", lost);
    session.on("error", lost);
    session.on("goaway", () => lost(new Error("The server closes the session")));
    session.on("close", () => lost(new Error("The session was closed")));
    this.#session = session;
    return session;
  }

  /** Throws the session away; its calls fail with this error. */
  #drop(error: unknown): void {
    const session = this.#session;
    this.#session = null;
    session?.destroy();
    for (const fail of [...this.#running]) fail(error);
  }
}

/**
 * Reads frames and status of one stream. `finish` gets the status (`null` for OK), `broke` whatever kept it from
 * coming.
 */
function follow(
  stream: ClientHttp2Stream,
  call: GrpcCall,
  finish: (status: GrpcStatusError | null) => void,
  broke: (error: unknown) => void,
): void {
  const frames = new GrpcFrames();
  let status: GrpcStatusError | null | undefined;
  const readStatus = (headers: Record<string, unknown>) => {
    const code = headers["grpc-status"];
    if (code === undefined) return;
    const message = decodeMessage(String(headers["grpc-message"] ?? ""));
    status = Number(code) === GRPC_STATUS.ok ? null : new GrpcStatusError(Number(code), message);
  };
  stream.on("response", readStatus);
  stream.on("trailers", readStatus);
  stream.on("data", (bytes: Uint8Array) => {
    try {
      for (const message of frames.push(bytes)) call.onMessage(message);
    } catch (error) {
      broke(error);
    }
  });
  const over = () => {
    if (status !== undefined) finish(status);
    else broke(new Error(`The call '${call.method}' ended without a status`));
  };
  stream.on("end", () => status !== undefined && finish(status));
  stream.on("close", over);
  stream.on("error", (error: unknown) => status !== undefined ? finish(status) : broke(error));
}

/** `grpc-message` is percent-encoded UTF-8. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
