/**
 * The least of gRPC that the test driver needs: unary calls over a unix socket, one connection each.
 *
 * POST /<service>/<method>; the body is one frame: flag (1 byte, 0) + length (4 bytes, big-endian) + message.
 * The status comes in the trailers, or in the headers when there is no body. Source: gRPC over HTTP/2.
 */
import http2 from "node:http2";
import net from "node:net";

/** A status other than OK. 14 = the server could not be reached. */
export class GrpcError extends Error {
  constructor(readonly code: number, method: string, message: string) {
    super(`${method}: gRPC status ${code}: ${message}`);
  }
}

/** One unary call; `message` and the answer are encoded messages. */
export function grpcCall(
  socket: string,
  method: string,
  message: Uint8Array,
  timeoutMs = 60_000,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const session = http2.connect("http://localhost", {
      createConnection: () => net.connect({ path: socket }),
    });
    const chunks: Uint8Array[] = [];
    let status: string | undefined;
    let text = "";
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      session.destroy();
      settle();
    };
    const fail = (code: number, why: string) => finish(() => reject(new GrpcError(code, method, why)));
    const timer = setTimeout(() => fail(4, `no answer within ${timeoutMs} ms`), timeoutMs);
    const note = (headers: Record<string, unknown>) => {
      if (headers["grpc-status"] === undefined) return;
      status = String(headers["grpc-status"]);
      text = decodeURIComponent(String(headers["grpc-message"] ?? ""));
    };
    session.on("error", (error: Error) => fail(14, error.message));
    const request = session.request({
      ":method": "POST",
      ":path": method,
      "content-type": "application/grpc+proto",
      "te": "trailers",
    });
    request.on("error", (error: Error) => fail(14, error.message));
    request.on("response", note);
    request.on("trailers", note);
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      if (status !== "0") return fail(Number(status ?? 14), text || "the connection ended without a status");
      finish(() => resolve(unframe(chunks)));
    });
    request.end(frame(message));
  });
}

function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(5 + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}

function unframe(chunks: Uint8Array[]): Uint8Array {
  const size = chunks.reduce((total, chunk) => total + chunk.length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.subarray(5);
}
