/**
 * CRC-32C (Castagnoli), the checksum of Kafka's record batches, sixteen bytes a step.
 *
 * Table t says what a byte does to the checksum t places further on; all sixteen lie in one flat Int32Array, which
 * V8 reads fastest: tables[t * 256 + byte].
 */
const POLYNOMIAL = 0x82f63b78;

const tables = new Int32Array(16 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  tables[byte] = crc;
}
for (let t = 1; t < 16; t++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = tables[(t - 1) * 256 + byte];
    tables[t * 256 + byte] = tables[before & 255] ^ (before >>> 8);
  }
}

/** CRC-32C of `bytes[begin, end)` as an unsigned number. */
export function crc32c(bytes: Uint8Array, begin: number, end: number): number {
  const T = tables;
  let crc = -1;
  let i = begin;
  for (const whole = end - 15; i < whole; i += 16) {
    crc ^= bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24;
    crc = T[3840 | (crc & 255)] ^ T[3584 | ((crc >>> 8) & 255)] ^ T[3328 | ((crc >>> 16) & 255)] ^
      T[3072 | (crc >>> 24)] ^
      T[2816 | bytes[i + 4]] ^ T[2560 | bytes[i + 5]] ^ T[2304 | bytes[i + 6]] ^ T[2048 | bytes[i + 7]] ^
      T[1792 | bytes[i + 8]] ^ T[1536 | bytes[i + 9]] ^ T[1280 | bytes[i + 10]] ^ T[1024 | bytes[i + 11]] ^
      T[768 | bytes[i + 12]] ^ T[512 | bytes[i + 13]] ^ T[256 | bytes[i + 14]] ^ T[bytes[i + 15]];
  }
  for (; i < end; i++) crc = T[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}
