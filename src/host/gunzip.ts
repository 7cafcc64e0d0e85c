import zlib from "node:zlib";
import { PermanentError } from "../core/errors.ts";
import type { Inflater } from "../core/inflater.ts";
import type { ZlibStream } from "./zlib_handle.ts";

const NOTHING = new Uint8Array(0);

/**
 * gzip streams by node:zlib, without its stream machinery: each step is one call of zlib, so the caller decides how long
 * it goes on, and no buffer grows behind its back.
 */
export class Gunzip implements Inflater {
  taken = 0;
  given = 0;
  readonly #stream: ZlibStream;
  readonly #rest = new Uint8Array(1024);
  #failure: string | null = null;

  constructor() {
    this.#stream = zlib.createGunzip() as unknown as ZlibStream;
    this.#stream._handle.onerror = (message) => this.#failure ??= message;
  }

  step(
    input: Uint8Array,
    begin: number,
    length: number,
    output: Uint8Array,
    at: number,
    room: number,
  ): void {
    this.#write(zlib.constants.Z_NO_FLUSH, input, begin, length, output, at, room);
    if (this.#failure === null) return;
    throw new PermanentError("GZIP_DAMAGED", `The gzip stream is damaged: ${this.#failure}`);
  }

  isComplete(): boolean {
    this.#write(zlib.constants.Z_FINISH, NOTHING, 0, 0, this.#rest, 0, this.#rest.length);
    return this.#failure === null && this.given === 0;
  }

  close(): void {
    this.#stream._handle.close();
  }

  #write(
    flush: number,
    input: Uint8Array,
    begin: number,
    length: number,
    output: Uint8Array,
    at: number,
    room: number,
  ): void {
    const { _handle: handle, _writeState: state } = this.#stream;
    const left = handle.writeSync(flush, input, begin, length, output, at, room) ??
      // Deno 2.4 returns nothing after an error.
      (state === undefined ? [length, room] : [state[1], state[0]]);
    this.taken = length - left[0];
    this.given = room - left[1];
  }
}
