/**
 * RFC 3339 timestamps in bytes -> Unix milliseconds, for lines whose times follow each other closely.
 *
 *   2024-01-01T00:00:00.123456789+08:00
 *   |______19 bytes____||fraction||zone|     zone: `Z` or ±hh:mm
 *
 * Seconds repeat from line to line: the last one is kept, and a line of the same second costs a comparison. The
 * fraction is never part of the key (it would miss on every line).
 */
export class TimeParser {
  #key: Uint8Array = new Uint8Array(25);
  #keyLength = 0;
  #secondMs = NaN;

  /** Unix milliseconds of `bytes[begin, end)`, with three digits of fraction; 0 when it is no timestamp. */
  parse(bytes: Uint8Array, begin: number, end: number): number {
    if (end - begin < 20) return 0;
    let at = begin + 19;
    let ms = 0;
    if (bytes[at] === 0x2e) {
      let scale = 100;
      for (at++; at < end && bytes[at] - 0x30 >>> 0 <= 9; at++) {
        ms += (bytes[at] - 0x30) * scale;
        scale = scale > 1 ? scale / 10 : 0;
      }
    }
    const zoneLength = end - at;
    if (zoneLength !== 1 && zoneLength !== 6) return 0;
    if (!this.#isKnown(bytes, begin, at, zoneLength)) this.#remember(bytes, begin, at, zoneLength);
    return this.#secondMs !== this.#secondMs ? 0 : this.#secondMs + ms;
  }

  #isKnown(bytes: Uint8Array, begin: number, zone: number, zoneLength: number): boolean {
    if (this.#keyLength !== 19 + zoneLength) return false;
    const key = this.#key;
    // From the end: what differs is mostly the second.
    for (let i = 18; i >= 0; i--) if (key[i] !== bytes[begin + i]) return false;
    for (let i = 0; i < zoneLength; i++) if (key[19 + i] !== bytes[zone + i]) return false;
    return true;
  }

  #remember(bytes: Uint8Array, begin: number, zone: number, zoneLength: number): void {
    const key = this.#key;
    for (let i = 0; i < 19; i++) key[i] = bytes[begin + i];
    for (let i = 0; i < zoneLength; i++) key[19 + i] = bytes[zone + i];
    this.#keyLength = 19 + zoneLength;
    this.#secondMs = Date.parse(String.fromCharCode(...key.subarray(0, this.#keyLength)));
  }
}
