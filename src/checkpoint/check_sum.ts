/**
 * FNV-1a over the UTF-16 code units of a text, as an unsigned 32-bit number. Not against attackers: against bits that
 * flip on a disk, which SQLite's own check of its pages does not see inside a value.
 */
export function checkSum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
