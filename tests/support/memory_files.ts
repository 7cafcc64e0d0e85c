import type {
  Clock,
  FileInfo,
  Files,
  FolderEntry,
  HostPlace,
  Opened,
  OpenFile,
  PathView,
} from "../../src/core/host.ts";
import { RetriableError } from "../../src/core/errors.ts";
import type { Inflater } from "../../src/core/inflater.ts";
import { Gunzip } from "../../src/host/gunzip.ts";
import { components, isBelow, type LinkReader, resolveInView } from "../../src/host/resolve_in_view.ts";
import { type MemoryFile, type MemoryFolder, type MemoryNode, putBytes } from "./memory_nodes.ts";

const encoder = new TextEncoder();

/**
 * A file system in memory that behaves like ext4 below a host root: files live on after rename and unlink while they
 * are open, and a freed inode number goes to the next new file at once. Reading goes through the `Files` interface,
 * with the confinement of the real one; the other methods are what writers do. They make missing folders and throw
 * when a test asks for what is not there.
 */
export class MemoryFiles implements Files, LinkReader {
  readonly hostRoot: string;
  /** Calls of `OpenFile.read`, `readSlowly`, `open`, `list` and `lstat`/`stat`, for tests that count work. */
  readonly calls: { read: number; readSlowly: number; open: number; list: number; stat: number } = {
    read: 0,
    readSlowly: 0,
    open: 0,
    list: 0,
    stat: 0,
  };
  /** Folders whose files count as remote. */
  readonly remote: Set<string> = new Set();
  /** Paths that cannot be read. */
  readonly denied: Set<string> = new Set();
  /** Paths that the program has no permission for: not even looked at. */
  readonly ungranted: Set<string> = new Set();
  /** Paths (as opened) whose reads throw, as on a disk that broke. */
  readonly failing: Set<string> = new Set();
  /** Whether a new file gets the inode number freed last, as ext4 does. */
  reuseInodes = true;
  /** Whether it says when a file was made, as ext4 and XFS do and many others do not. */
  tellsBirth = false;
  /** More descriptors than these are refused. */
  openMax = Infinity;
  /** Descriptors that are open now. */
  openCount = 0;

  readonly #clock: Pick<Clock, "wallMs">;
  #nextInode = 2;
  #freeInodes: number[] = [];
  #device = 1;
  readonly #root: MemoryFolder;
  readonly #watchers: Set<{ path: string; changed: () => void }> = new Set();
  readonly #parts: Map<string, readonly string[]> = new Map();

  constructor(clock: Pick<Clock, "wallMs"> = { wallMs: () => 1_700_000_000_000 }, hostRoot = "/") {
    this.#clock = clock;
    this.hostRoot = hostRoot;
    this.#root = { kind: "folder", inode: 1, device: 1, modifiedMs: clock.wallMs(), entries: new Map() };
    this.folder(hostRoot);
  }

  // ---- what writers do --------------------------------------------------------------------------------------------

  /** Makes a folder and its parents. */
  folder(path: string): void {
    let at = this.#root;
    let reached = "";
    for (const name of components(path)) {
      reached += `/${name}`;
      let next = at.entries.get(name);
      if (next === undefined) {
        next = { kind: "folder", ...this.#born(), entries: new Map() };
        at.entries.set(name, next);
        this.#changed(reached);
      }
      if (next.kind === "link") next = this.#node(path) ?? next;
      if (next.kind !== "folder") throw new Error(`'${path}' goes through something that is not a folder`);
      at = next;
    }
  }

  /** Replaces the content in place (same inode), or makes the file. */
  write(path: string, content: string | Uint8Array): void {
    const file = this.#fileFor(path);
    file.size = 0;
    this.#put(file, 0, content);
  }

  /** Appends; makes the file where it is missing. */
  append(path: string, content: string | Uint8Array): void {
    const file = this.#fileFor(path);
    this.#put(file, file.size, content);
  }

  /** Puts a new file (a new inode) at the path, as rename over an old one does. */
  replace(path: string, content: string | Uint8Array): void {
    if (this.#node(path, false) !== null) this.unlink(path);
    this.write(path, content);
  }

  truncate(path: string, sizeBytes = 0): void {
    const file = this.#fileAt(path);
    if (sizeBytes > file.size) putBytes(file, sizeBytes - 1, new Uint8Array(1));
    file.size = sizeBytes;
    file.modifiedMs = this.#clock.wallMs();
  }

  rename(from: string, to: string): void {
    const node = this.#node(from, false);
    if (node === null) throw new Error(`'${from}' does not exist`);
    if (this.#node(to, false)?.kind === "file") this.unlink(to);
    this.#parent(from).entries.delete(nameOf(from));
    this.#enter(to, node);
    this.#changed(from);
  }

  /** Copies content into a new inode, as copytruncate and `cp` do. */
  copy(from: string, to: string): void {
    const file = this.#fileAt(from);
    this.replace(to, file.bytes.slice(0, file.size));
  }

  /** Removes a name; a folder with everything below it. */
  unlink(path: string): void {
    const node = this.#node(path, false);
    if (node === null) throw new Error(`'${path}' does not exist`);
    this.#parent(path).entries.delete(nameOf(path));
    this.#drop(node);
    this.#changed(path);
  }

  /** Makes a symbolic link. */
  link(target: string, path: string): void {
    this.#enter(path, { kind: "link", ...this.#born(), target });
  }

  hardLink(from: string, to: string): void {
    const file = this.#fileAt(from);
    file.links++;
    this.#enter(to, file);
  }

  fifo(path: string): void {
    this.#enter(path, { kind: "other", ...this.#born(), whiteout: false });
  }

  whiteout(path: string): void {
    this.#enter(path, { kind: "other", ...this.#born(), whiteout: true });
  }

  /** New files below get this device number from now on. */
  setDevice(device: number): void {
    this.#device = device;
  }

  /** Appends to a file by its inode, as a writer that holds it open does after a rename or unlink. */
  writer(path: string): { append(content: string | Uint8Array): void } {
    const file = this.#fileFor(path);
    return { append: (content) => this.#put(file, file.size, content) };
  }

  // ---- Files ------------------------------------------------------------------------------------------------------

  open(view: PathView, path: string): Opened {
    this.calls.open++;
    const resolved = resolveInView(this, view, path);
    if ("refused" in resolved) return resolved;
    return this.#openPlace(resolved.place);
  }

  /** The same on a disk without links, where nothing has to be resolved. */
  openAt(candidates: readonly HostPlace[]): Opened {
    this.calls.open++;
    const place = candidates.find(({ path }) => this.#node(path, false) !== null);
    return place === undefined ? { refused: "missing", detail: "nothing is there" } : this.#openPlace(place);
  }

  #openPlace(place: HostPlace): Opened {
    const node = this.#node(place.path, false);
    if (node === null) return { refused: "missing", detail: `'${place.path}' is gone` };
    if (this.denied.has(place.path)) return { refused: "denied", detail: `'${place.path}' may not be read` };
    const root = this.hostRoot === "/" ? "" : this.hostRoot;
    if (isBelow(place.path, `${root}/proc`) || isBelow(place.path, `${root}/sys`)) {
      return { refused: "pseudo", detail: `'${place.path}' is not a log file` };
    }
    if (node.kind !== "file") {
      return { refused: "not_regular", detail: `'${place.path}' is not a regular file` };
    }
    if (this.openCount >= this.openMax) return { refused: "too_many_open", detail: "EMFILE" };
    return { file: this.#descriptor(place.path, node), mayStayOpen: place.mayStayOpen };
  }

  resolve(view: PathView, path: string): HostPlace | null {
    const resolved = resolveInView(this, view, path);
    return "refused" in resolved ? null : resolved.place;
  }

  lstat(hostPath: string): FileInfo | null {
    this.calls.stat++;
    if (this.ungranted.has(hostPath)) return null;
    const node = this.#node(hostPath, false);
    return node === null ? null : this.#infoOf(node);
  }

  stat(hostPath: string): FileInfo | null {
    this.calls.stat++;
    const node = this.#node(hostPath);
    return node === null ? null : this.#infoOf(node);
  }

  whyMissing(path: string): "missing" | "ungranted" {
    return this.ungranted.has(path) ? "ungranted" : "missing";
  }

  list(hostPath: string, entriesMax = Infinity): FolderEntry[] | null {
    this.calls.list++;
    const node = this.#node(hostPath);
    if (node?.kind !== "folder" || this.denied.has(hostPath)) return null;
    const entries: FolderEntry[] = [];
    for (const [name, child] of node.entries) {
      if (entries.length >= entriesMax) break;
      entries.push({ name, kind: child.kind });
    }
    return entries;
  }

  readLink(hostPath: string): string | null {
    const node = this.#node(hostPath, false);
    return node?.kind === "link" ? node.target : null;
  }

  readText(hostPath: string, bytesMax = 1024 * 1024): string | null {
    const node = this.#node(hostPath);
    if (node?.kind !== "file" || node.size > bytesMax || this.denied.has(hostPath)) return null;
    return new TextDecoder().decode(node.bytes.subarray(0, node.size));
  }

  inflater(): Inflater {
    return new Gunzip();
  }

  isRemote(hostPath: string): boolean {
    return [...this.remote].some((folder) => isBelow(hostPath, folder));
  }

  watchFolder(hostPath: string, changed: () => void): { close(): void } | null {
    if (this.#node(hostPath)?.kind !== "folder") return null;
    const watcher = { path: hostPath, changed };
    this.#watchers.add(watcher);
    return { close: () => void this.#watchers.delete(watcher) };
  }

  isWhiteout(path: string): boolean {
    const node = this.#node(path, false);
    return node?.kind === "other" && node.whiteout;
  }

  // ---- inside -----------------------------------------------------------------------------------------------------

  #descriptor(hostPath: string, file: MemoryFile): OpenFile {
    file.opens++;
    this.openCount++;
    let isOpen = true;
    const read = (into: Uint8Array, begin: number, length: number, at: number): number => {
      if (!isOpen) throw new Error(`'${hostPath}' is read after close`);
      if (this.failing.has(hostPath)) {
        throw new RetriableError("FILE_READ_FAILED", `Reading '${hostPath}' failed`);
      }
      const count = Math.max(0, Math.min(length, file.size - at));
      into.set(file.bytes.subarray(at, at + count), begin);
      return count;
    };
    return {
      hostPath,
      read: (into, begin, length, at) => {
        this.calls.read++;
        return read(into, begin, length, at);
      },
      readSlowly: async (into, begin, length, at) => {
        this.calls.readSlowly++;
        await Promise.resolve();
        return read(into, begin, length, at);
      },
      info: () => this.#infoOf(file),
      close: () => {
        if (!isOpen) throw new Error(`'${hostPath}' is closed twice`);
        isOpen = false;
        file.opens--;
        this.openCount--;
        this.#freeWhenUnused(file);
      },
    };
  }

  #infoOf(node: MemoryNode): FileInfo {
    const isFile = node.kind === "file";
    return {
      kind: node.kind,
      sizeBytes: isFile ? node.size : 0,
      modifiedMs: node.modifiedMs,
      createdMs: isFile && this.tellsBirth ? node.createdMs : undefined,
      device: node.device,
      inode: node.inode,
      links: isFile ? node.links : 1,
    };
  }

  #born(): { inode: number; device: number; modifiedMs: number } {
    const inode = (this.reuseInodes ? this.#freeInodes.pop() : undefined) ?? this.#nextInode++;
    return { inode, device: this.#device, modifiedMs: this.#clock.wallMs() };
  }

  #drop(node: MemoryNode): void {
    if (node.kind === "folder") { for (const child of node.entries.values()) this.#drop(child); }
    if (node.kind !== "file") {
      this.#freeInodes.push(node.inode);
      return;
    }
    node.links--;
    this.#freeWhenUnused(node);
  }

  #freeWhenUnused(file: MemoryFile): void {
    if (file.links === 0 && file.opens === 0) this.#freeInodes.push(file.inode);
  }

  #put(file: MemoryFile, at: number, content: string | Uint8Array): void {
    putBytes(file, at, typeof content === "string" ? encoder.encode(content) : content);
    file.modifiedMs = this.#clock.wallMs();
  }

  #fileFor(path: string): MemoryFile {
    const node = this.#node(path);
    if (node?.kind === "file") return node;
    if (node !== null) throw new Error(`'${path}' is not a file`);
    const file: MemoryFile = {
      kind: "file",
      ...this.#born(),
      createdMs: this.#clock.wallMs(),
      links: 1,
      bytes: new Uint8Array(0),
      size: 0,
      opens: 0,
    };
    this.#enter(path, file);
    return file;
  }

  #fileAt(path: string): MemoryFile {
    const node = this.#node(path);
    if (node?.kind !== "file") throw new Error(`'${path}' is not a file`);
    return node;
  }

  #enter(path: string, node: MemoryNode): void {
    this.folder(path.slice(0, path.lastIndexOf("/")));
    this.#parent(path).entries.set(nameOf(path), node);
    this.#changed(path);
  }

  #parent(path: string): MemoryFolder {
    const node = this.#node(path.slice(0, path.lastIndexOf("/")) || "/");
    if (node?.kind !== "folder") throw new Error(`'${path}' has no folder`);
    return node;
  }

  #changed(path: string): void {
    const folder = path.slice(0, path.lastIndexOf("/")) || "/";
    this.#parent(path).modifiedMs = this.#clock.wallMs();
    for (const watcher of [...this.#watchers]) if (watcher.path === folder) watcher.changed();
  }

  /** Walks as the kernel does: links start again at the real root. */
  #node(path: string, followLast = true): MemoryNode | null {
    const parts = this.#partsOf(path);
    let at: MemoryNode = this.#root;
    for (let i = 0; i < parts.length; i++) {
      if (at.kind !== "folder") return null;
      const next = at.entries.get(parts[i]);
      if (next === undefined) return parts.includes("..") ? this.#walk(path, followLast) : null;
      if (next.kind === "link") return this.#walk(path, followLast);
      at = next;
    }
    return at;
  }

  /** The same few paths are asked for again and again. */
  #partsOf(path: string): readonly string[] {
    let parts = this.#parts.get(path);
    if (parts === undefined) {
      if (this.#parts.size > 10_000) this.#parts.clear();
      this.#parts.set(path, parts = components(path));
    }
    return parts;
  }

  /** The same for paths with links, and with `..`. */
  #walk(path: string, followLast: boolean): MemoryNode | null {
    let rest = components(path);
    let trail: MemoryFolder[] = [this.#root];
    for (let hops = 0; rest.length > 0;) {
      const folder = trail[trail.length - 1];
      const name = rest.shift()!;
      if (name === "..") {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const node = folder.entries.get(name);
      if (node === undefined) return null;
      if (node.kind === "link" && (followLast || rest.length > 0)) {
        if (++hops > 40) return null;
        if (node.target.startsWith("/")) trail = [this.#root];
        rest = [...components(node.target), ...rest];
      } else if (node.kind === "folder") trail.push(node);
      else return rest.length === 0 ? node : null;
    }
    return trail[trail.length - 1];
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
