/** What lies in the virtual file system. */
export interface MemoryFile {
  readonly kind: "file";
  inode: number;
  device: number;
  links: number;
  modifiedMs: number;
  readonly createdMs: number;
  bytes: Uint8Array;
  size: number;
  /** Open descriptors; an inode number is free again when neither a name nor a descriptor holds it. */
  opens: number;
}

export interface MemoryFolder {
  readonly kind: "folder";
  inode: number;
  device: number;
  modifiedMs: number;
  readonly entries: Map<string, MemoryNode>;
}

export interface MemoryLink {
  readonly kind: "link";
  inode: number;
  device: number;
  modifiedMs: number;
  readonly target: string;
}

/** A FIFO, a device, a socket; `whiteout` is overlay's mark for a deleted name. */
export interface MemoryOther {
  readonly kind: "other";
  inode: number;
  device: number;
  modifiedMs: number;
  readonly whiteout: boolean;
}

export type MemoryNode = MemoryFile | MemoryFolder | MemoryLink | MemoryOther;

/** Makes room and writes at a position. */
export function putBytes(file: MemoryFile, at: number, bytes: Uint8Array): void {
  const end = at + bytes.length;
  if (end > file.bytes.length) {
    const grown = new Uint8Array(Math.max(end, file.bytes.length * 2, 256));
    grown.set(file.bytes.subarray(0, file.size));
    file.bytes = grown;
  }
  if (at > file.size) file.bytes.fill(0, file.size, at);
  file.bytes.set(bytes, at);
  file.size = Math.max(file.size, end);
}
