import type { Birth, CheckpointDatabase, CheckpointFolder, CheckpointStore } from "../core/checkpoint.ts";
import { PermanentError } from "../core/errors.ts";
import type { Log } from "../core/telemetry.ts";
import { decodeRow, encodeRow, type Stored } from "./rows.ts";
import { BORN_ID, FolderStore } from "./store.ts";

/**
 * Opens the store of a folder that is locked already. It always starts: what cannot be used is set aside under
 * another name, with one warning, and reading falls back to "lost": all files younger than the birth are read from
 * the beginning. So damage can repeat lines, never lose them.
 */
export function openStore(folder: CheckpointFolder, nowMs: number, log: Log): CheckpointStore {
  const markedMs = parseMarker(folder.readMarker());
  const { database, setAside } = openUsable(folder, nowMs, log);
  const rows = database.readAll();
  const stored = new Map<number, Stored>();
  let broken = 0;
  for (const row of rows) {
    const value = decodeRow(row);
    if (value === null) broken++;
    else stored.set(row.id, value);
  }
  if (broken > 0) {
    log.warn("entries of the checkpoint are damaged, their files are read as if they were new", {
      entries: broken,
      folder: folder.path,
    });
  }
  const birth = {
    ...birthOf(stored, markedMs, setAside || rows.length > 0, nowMs),
    ...(broken > 0 ? { hasGaps: true } : {}),
  };
  // The store first: a marker without a store would say that one was lost.
  if (birth.kind !== "known" || !stored.has(BORN_ID)) {
    database.write([encodeRow(BORN_ID, { kind: "born", bornMs: birth.bornMs })], [], true);
  }
  if (markedMs !== birth.bornMs) folder.writeMarker(formatMarker(birth.bornMs));
  const brokenIds = rows.filter((row) => !stored.has(row.id) && row.id !== BORN_ID).map((row) => row.id);
  if (brokenIds.length > 0) database.write([], brokenIds);
  const isLost = birth.kind === "lost" || broken > 0;
  return new FolderStore(database, birth, stored, isLost ? birth.bornMs : nowMs, log);
}

function openUsable(
  folder: CheckpointFolder,
  nowMs: number,
  log: Log,
): { database: CheckpointDatabase; setAside: boolean } {
  const opened = folder.open();
  if ("database" in opened) return { database: opened.database, setAside: false };
  const name = folder.setAside(`damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`);
  log.warn("the checkpoint cannot be used and was set aside, files are read again from their beginning", {
    reason: opened.unusable,
    renamedTo: name,
  });
  const again = folder.open();
  if ("database" in again) return { database: again.database, setAside: true };
  throw new PermanentError(
    "CHECKPOINT_UNUSABLE",
    `No checkpoint can be made in '${folder.path}': ${again.unusable}; free the folder or start with ` +
      "'--checkpoint=memory'",
  );
}

/** `hadStore`: something lay there, whatever it was. */
function birthOf(
  stored: ReadonlyMap<number, Stored>,
  markedMs: number | null,
  hadStore: boolean,
  nowMs: number,
): Birth {
  const born = stored.get(BORN_ID);
  const storedMs = born?.kind === "born" ? born.bornMs : null;
  // Of two answers the earlier one: more files count as young, and young ones are read whole.
  if (storedMs !== null) return { kind: "known", bornMs: Math.min(storedMs, markedMs ?? storedMs) };
  if (markedMs !== null) return { kind: stored.size > 0 ? "known" : "lost", bornMs: markedMs };
  // Neither can say when: every file counts as younger.
  if (hadStore) return { kind: "lost", bornMs: 0 };
  return { kind: "first", bornMs: nowMs };
}

const MARKER = /^denotail checkpoint, born (\S+)\n$/;

function formatMarker(bornMs: number): string {
  return `denotail checkpoint, born ${new Date(bornMs).toISOString()}\n`;
}

function parseMarker(text: string | null): number | null {
  const match = text === null ? null : MARKER.exec(text);
  const bornMs = match === null ? NaN : Date.parse(match[1]);
  return Number.isNaN(bornMs) ? null : bornMs;
}
