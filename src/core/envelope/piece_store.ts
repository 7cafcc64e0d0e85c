import { makeBytes, makeInts } from "../../base/buffers.ts";

/**
 * Constant bytes per key id, all in one array, so that one view serves all. An id's piece is
 * `view[begins[id], begins[id] + length)`.
 */
export class PieceStore {
  #bytes = makeBytes(4096);
  view: DataView = new DataView(this.#bytes.buffer);
  begins: Int32Array = new Int32Array(64);
  /** Length plus one; 0: not known. */
  #lengths = new Int32Array(64);
  #used = 0;

  /** Length of the piece, -1 when there is none. */
  length(id: number): number {
    return id < this.#lengths.length ? this.#lengths[id] - 1 : -1;
  }

  /** Adds a piece and returns its length. */
  add(id: number, piece: Uint8Array): number {
    if (id >= this.#lengths.length) {
      this.begins = grown(this.begins, id + 1);
      this.#lengths = grown(this.#lengths, id + 1);
    }
    if (this.#used + piece.length > this.#bytes.length) {
      const bytes = makeBytes(Math.max(2 * this.#bytes.length, this.#used + piece.length));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.view = new DataView(bytes.buffer);
    }
    this.#bytes.set(piece, this.#used);
    this.begins[id] = this.#used;
    this.#lengths[id] = piece.length + 1;
    this.#used += piece.length;
    return piece.length;
  }

  /** Forgets all pieces. */
  clear(): void {
    this.#lengths.fill(0);
    this.#used = 0;
  }
}

function grown(numbers: Int32Array, need: number): Int32Array<ArrayBuffer> {
  const larger = makeInts(Math.max(2 * numbers.length, need));
  larger.set(numbers);
  return larger;
}
