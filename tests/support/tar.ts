/**
 * Writes tar archives that are the same bytes each time: names sorted, owner root, time 0.
 *
 * A header is 512 bytes: name 0–99, mode 100, uid 108, gid 116, size 124, mtime 136, checksum 148, type 156,
 * link name 157–256, "ustar\0" "00" 257; numbers are octal text. Source: POSIX pax, ustar interchange format.
 */

/** What stands at a path of the archive. Paths are relative, without `./`. */
export type TarEntry =
  | { type: "folder"; mode?: number }
  | { type: "link"; target: string }
  | { type: "file"; content: Uint8Array | string; mode?: number };

const encoder = new TextEncoder();

/** The archive of the entries; parent folders are added where they are missing. */
export function writeTar(entries: Map<string, TarEntry>): Uint8Array<ArrayBuffer> {
  const all = new Map(entries);
  for (const path of entries.keys()) {
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      const parent = path.slice(0, slash);
      if (!all.has(parent)) all.set(parent, { type: "folder" });
    }
  }
  const blocks: Uint8Array[] = [];
  for (const path of [...all.keys()].sort()) {
    const entry = all.get(path)!;
    const content = entry.type !== "file"
      ? new Uint8Array()
      : typeof entry.content === "string"
      ? encoder.encode(entry.content)
      : entry.content;
    blocks.push(header(path, entry, content.length), content);
    blocks.push(new Uint8Array((512 - content.length % 512) % 512));
  }
  blocks.push(new Uint8Array(1024));
  return concat(blocks);
}

function header(path: string, entry: TarEntry, size: number): Uint8Array {
  const bytes = new Uint8Array(512);
  const put = (at: number, text: string) => bytes.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0") + "\0";
  const name = entry.type === "folder" ? `${path}/` : path;
  if (encoder.encode(name).length > 100) throw new Error(`BUG: '${name}' is too long for a plain tar header`);
  put(0, name);
  const mode = entry.type === "link" ? 0o777 : entry.mode ?? (entry.type === "folder" ? 0o755 : 0o644);
  put(100, octal(mode, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11));
  put(148, "        ");
  put(156, entry.type === "folder" ? "5" : entry.type === "link" ? "2" : "0");
  if (entry.type === "link") put(157, entry.target);
  put(257, "ustar\x0000");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(148, sum.toString(8).padStart(6, "0") + "\0 ");
  return bytes;
}

/** All parts behind one another. */
export function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
