import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { CheckpointDatabase, CheckpointRow } from "../core/checkpoint.ts";
import { RetriableError } from "../core/errors.ts";

/** "dtcp" in ASCII: tells our files from other SQLite databases (`PRAGMA application_id`). */
const APPLICATION_ID = 0x64746370;
/** Rises when older agents could not read what is stored. */
const SCHEMA_VERSION = 1;

/**
 * Opens the checkpoint database, or says why the file is none of ours. WAL with `synchronous=NORMAL`: a commit is no
 * fsync, so after a power cut the last transactions may be missing (lines are repeated), and a torn log is found out by its
 * own check sums. The exclusive locking mode keeps the WAL index out of shared memory, which remote file systems lack.
 */
export function openSqlite(path: string): { database: CheckpointDatabase } | { unusable: string } {
  const database = new DatabaseSync(path);
  try {
    const unusable = prepare(database);
    if (unusable === null) return { database: new SqliteStore(database) };
    database.close();
    return { unusable };
  } catch (error) {
    closeQuietly(database);
    if (!isDamage(error)) throw error;
    return { unusable: `'${path}' is damaged: ${(error as Error).message}` };
  }
}

function prepare(database: DatabaseSync): string | null {
  const pragma = (text: string) => Object.values(prepared(database, `PRAGMA ${text}`).get() ?? {})[0];
  database.exec("PRAGMA busy_timeout = 0");
  pragma("locking_mode = EXCLUSIVE");
  const application = pragma("application_id");
  const version = Number(pragma("user_version"));
  const tables = prepared(database, "SELECT count(*) AS n FROM sqlite_master").get() as { n: number };
  const isNew = application === 0 && version === 0 && tables.n === 0;
  if (!isNew && application !== APPLICATION_ID) return "the file is a database of another program";
  if (version > SCHEMA_VERSION) {
    return `the store has schema '${version}', written by a newer version; this one knows '${SCHEMA_VERSION}'`;
  }
  const checked = pragma("quick_check(1)");
  if (checked !== "ok") return `the file is damaged: ${checked}`;
  pragma("journal_mode = WAL");
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 500");
  if (!isNew) {
    // Reads every page of the table: what is damaged shows now.
    prepared(database, "SELECT sum(sum) AS s FROM entry").get();
    // A flipped version number in the header makes SQLite open the file for reading only, without a word: this
    // changes nothing, and fails then.
    database.exec("DELETE FROM entry WHERE id = -1");
    return null;
  }
  database.exec(`
    BEGIN;
    CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT NOT NULL, sum INTEGER NOT NULL);
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;
  `);
  return null;
}

/**
 * Deno 2.4 does not say why a statement could not be prepared ("failed to prepare statement"). `exec` says it: what
 * SQLite cannot compile changes nothing there either.
 */
function prepared(database: DatabaseSync, sql: string): StatementSync {
  try {
    return database.prepare(sql);
  } catch (error) {
    database.exec(sql);
    throw error;
  }
}

class SqliteStore implements CheckpointDatabase {
  readonly #database: DatabaseSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#upsert = prepared(
      database,
      "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum",
    );
    this.#delete = prepared(database, "DELETE FROM entry WHERE id = ?");
  }

  readAll(): CheckpointRow[] {
    return prepared(this.#database, "SELECT id, body, sum FROM entry").all() as unknown as CheckpointRow[];
  }

  write(changed: readonly CheckpointRow[], removed: readonly number[], lasting = false): void {
    if (lasting) this.#database.exec("PRAGMA synchronous = FULL");
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const row of changed) this.#upsert.run(row.id, row.body, row.sum);
      for (const id of removed) this.#delete.run(id);
      this.#database.exec("COMMIT");
    } catch (cause) {
      this.#rollback();
      throw new RetriableError("CHECKPOINT_SAVE_FAILED", "Resume points were not saved", { cause });
    } finally {
      if (lasting) this.#database.exec("PRAGMA synchronous = NORMAL");
    }
  }

  close(): void {
    this.#database.close();
  }

  #rollback(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // A full disk makes SQLite roll back by itself.
    }
  }
}

const DAMAGE =
  /malformed|not a database|no such table|no such column|disk I\/O error|unsupported file format|readonly database/;

/**
 * `SQLITE_CORRUPT`, `SQLITE_NOTADB`, a file that ends too early, one that cannot be written in a folder that can; Deno
 * does not always give the number.
 */
function isDamage(error: unknown): boolean {
  const { errcode, message } = error as { errcode?: number; message?: string };
  if (errcode !== undefined && [11, 26, 522].includes(errcode)) return true;
  return DAMAGE.test(message ?? "");
}

function closeQuietly(database: DatabaseSync): void {
  try {
    database.close();
  } catch {
    // It never was open.
  }
}
