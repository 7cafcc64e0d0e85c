import { RuntimeError } from "../core/runtime.ts";

/** Flag and length before each message. */
const HEADER_BYTES = 5;

/** A node with ten thousand containers answers with less. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** One message as gRPC sends it: flag 0 (not compressed), length as u32 big-endian, message. */
export function grpcFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, HEADER_BYTES);
  return frame;
}

/** Cuts a stream of bytes into messages. Pieces may end anywhere, within a header too. */
export class GrpcFrames {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Takes the next piece; returns the messages that are complete now. Throws RuntimeError for a bad frame. */
  push(piece: Uint8Array): Uint8Array[] {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    const messages: Uint8Array[] = [];
    while (this.#bytes >= HEADER_BYTES) {
      const header = this.#peek(HEADER_BYTES);
      const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
      const length = view.getUint32(1);
      if (view.getUint8(0) !== 0) throw new RuntimeError("failed", "A gRPC message is compressed");
      if (length > MESSAGE_BYTES_MAX) {
        throw new RuntimeError("failed", `A gRPC message of '${length}' bytes is too large`);
      }
      if (this.#bytes < HEADER_BYTES + length) break;
      const frame = this.#peek(HEADER_BYTES + length);
      messages.push(frame.subarray(HEADER_BYTES, HEADER_BYTES + length));
      this.#pieces = [frame.subarray(HEADER_BYTES + length)];
      this.#bytes -= HEADER_BYTES + length;
    }
    return messages;
  }

  /** The first `length` bytes or more in one piece; joins pieces only when they are split. */
  #peek(length: number): Uint8Array {
    if (this.#pieces[0].length >= length) return this.#pieces[0];
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [joined];
    return joined;
  }
}
