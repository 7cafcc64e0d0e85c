import { DatabaseSync } from "node:sqlite";
import type { CheckpointDatabase, CheckpointFolder } from "../core/checkpoint.ts";
import { PermanentError } from "../core/errors.ts";
import { openSqlite } from "./sqlite_store.ts";

const STORE = "checkpoint.sqlite";
const MARKER = "checkpoint.born";
const LOCK = "checkpoint.lock";
const HOLDER = "checkpoint.holder";
/** About what a new store and its log take. */
const PROBE_BYTES = 64 * 1024;

/** The checkpoint folder on disk. Needs read and write permission for the folder. */
export class DiskCheckpointFolder implements CheckpointFolder {
  readonly path: string;
  #lock: DatabaseSync | null = null;

  constructor(path: string) {
    this.path = path === "/" ? path : path.replace(/\/+$/, "");
  }

  open(): { database: CheckpointDatabase } | { unusable: string } {
    this.#mustBeFolder();
    try {
      if (Deno.lstatSync(this.#at(STORE)).isFile === false) return { unusable: `'${STORE}' is not a file` };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw this.#folderError("cannot be used", error);
      this.#makeStore();
    }
    try {
      return openSqlite(this.#at(STORE));
    } catch (error) {
      throw this.#folderError("cannot be used", error);
    }
  }

  /** An empty file is an empty database. Made here so that only we may read it; SQLite's own files take its mode. */
  #makeStore(): void {
    try {
      Deno.openSync(this.#at(STORE), { write: true, create: true, mode: 0o600 }).close();
    } catch (error) {
      throw this.#folderError("cannot be written", error);
    }
  }

  setAside(suffix: string): string {
    const name = `${STORE}.${suffix}`;
    try {
      // The log first: a log without its database is ignored, a database without its log would look whole.
      for (const tail of ["-wal", "-shm", "-journal", ""]) {
        try {
          Deno.renameSync(this.#at(STORE + tail), this.#at(name + tail));
        } catch (error) {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        }
      }
    } catch (error) {
      throw this.#folderError("holds an unusable store that cannot be renamed", error);
    }
    return this.#at(name);
  }

  readMarker(): string | null {
    return this.#read(MARKER);
  }

  writeMarker(text: string): void {
    this.#write(MARKER, text);
  }

  /**
   * An exclusive transaction on an empty database: a lock of the kernel (`fcntl`), seen through pid and mount
   * namespaces and gone with its process.
   */
  tryLock(): boolean {
    this.#mustBeFolder();
    let lock: DatabaseSync;
    try {
      lock = new DatabaseSync(this.#at(LOCK));
    } catch (error) {
      throw this.#folderError("cannot be written", error);
    }
    try {
      lock.exec("PRAGMA busy_timeout = 0");
      lock.exec("BEGIN EXCLUSIVE");
      this.#lock = lock;
      return true;
    } catch (error) {
      lock.close();
      if (/locked/.test((error as Error).message)) return false;
      if (/not a database|malformed/.test((error as Error).message)) {
        // Somebody wrote into it. Emptied, not removed: another agent may just hold this very file.
        Deno.truncateSync(this.#at(LOCK), 0);
        return false;
      }
      throw this.#folderError("cannot be written", error);
    }
  }

  unlock(): void {
    this.#lock?.close();
    this.#lock = null;
  }

  probe(): { fault: string | null; held: boolean } {
    try {
      if (!Deno.statSync(this.path).isDirectory) return { fault: "is not a folder", held: false };
    } catch (error) {
      const missing = error instanceof Deno.errors.NotFound;
      return { fault: missing ? "does not exist" : `cannot be read (${reasonOf(error)})`, held: false };
    }
    try {
      this.#tryWrite(this.#at(`${LOCK}.probe`));
      // A lock file that was made here would belong to whoever asks, and the agent may be somebody else.
      if (!exists(this.#at(LOCK))) return { fault: null, held: false };
      const held = !this.tryLock();
      this.unlock();
      return { fault: null, held };
    } catch (error) {
      return { fault: `cannot be written (${reasonOf(error)})`, held: false };
    }
  }

  /** Bytes, not only a name: on a full disk an empty file can still be made. */
  #tryWrite(beside: string): void {
    try {
      Deno.writeFileSync(beside, new Uint8Array(PROBE_BYTES));
    } finally {
      if (exists(beside)) Deno.removeSync(beside);
    }
  }

  readHolder(): string | null {
    return this.#read(HOLDER);
  }

  writeHolder(text: string): void {
    this.#write(HOLDER, text);
  }

  #read(name: string): string | null {
    try {
      return Deno.readTextFileSync(this.#at(name));
    } catch {
      return null;
    }
  }

  /** Whole or not at all: written beside, synced, renamed. */
  #write(name: string, text: string): void {
    try {
      const beside = this.#at(`${name}.new`);
      const file = Deno.openSync(beside, { write: true, create: true, truncate: true });
      try {
        file.writeSync(new TextEncoder().encode(text));
        file.syncSync();
      } finally {
        file.close();
      }
      Deno.renameSync(beside, this.#at(name));
    } catch (error) {
      throw this.#folderError("cannot be written", error);
    }
  }

  #mustBeFolder(): void {
    try {
      if (Deno.statSync(this.path).isDirectory) return;
    } catch (error) {
      throw this.#folderError("is missing or cannot be read", error);
    }
    throw this.#folderError("is not a folder", undefined);
  }

  #folderError(what: string, cause: unknown): PermanentError {
    return new PermanentError(
      "CHECKPOINT_FOLDER",
      `The checkpoint folder '${this.path}' ${what}; make it and let the agent write there, name another one with ` +
        "'--checkpoint', or start with '--checkpoint=memory' (a restart then reads again or skips)",
      { cause },
    );
  }

  #at(name: string): string {
    return `${this.path}/${name}`;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** `Read-only file system`: the first cause, without the number and what was called. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (cause !== undefined) return reasonOf(cause);
  return message.replace(/ \(os error \d+\).*$/s, "").replace(/,? (?:specify|run again).*$/s, "");
}
