import assert from "node:assert/strict";
import { openStore } from "../../src/checkpoint/open_store.ts";
import type { SavedLane } from "../../src/core/checkpoint.ts";
import { DiskCheckpointFolder } from "../../src/host/checkpoint_folder.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { removeFolder, sleep } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

const STORE = "checkpoint.sqlite";
const names = [STORE, `${STORE}-wal`, "checkpoint.born"];

interface Saved {
  files: Map<string, Uint8Array>;
  lanes: SavedLane[];
  bornMs: number;
}

function copyTo(folder: string, files: Map<string, Uint8Array>): void {
  removeFolder(folder);
  Deno.mkdirSync(folder);
  for (const [name, bytes] of files) Deno.writeFileSync(`${folder}/${name}`, bytes);
}

/** Opens the store; what it gives must never be ahead of what was saved, nor older files count as read. */
function opened(folder: string, truth: Saved | undefined): Saved & { warnings: number } {
  const log = new MemoryLog();
  const store = openStore(new DiskCheckpointFolder(folder), Date.now(), log);
  try {
    const lanes = store.load();
    for (const lane of lanes) {
      const own = truth?.lanes.find((one) => one.key.source === lane.key.source);
      if (own === undefined) continue;
      lane.done.forEach((at, stream) =>
        assert.ok(at <= own.done[stream], `resumes at ${at}, behind its end`)
      );
    }
    if (truth !== undefined) assert.ok(store.birth.bornMs <= truth.bornMs, "files would count as old");
    return { files: new Map(), lanes, bornMs: store.birth.bornMs, warnings: log.messages("warn").length };
  } finally {
    store.close();
  }
}

/** Each file cut at every `step`th byte, and with that byte flipped. Gives how many were tried. */
function tear(folder: string, saved: Saved, step: number): { tried: number; whole: number } {
  let tried = 0;
  let whole = 0;
  for (const [name, bytes] of saved.files) {
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = bytes.slice();
      flipped[at] ^= 0xff;
      for (const torn of [bytes.subarray(0, at), flipped]) {
        copyTo(folder, new Map([...saved.files, [name, torn]]));
        let found;
        try {
          found = opened(folder, saved);
        } catch (error) {
          throw new Error(`'${name}' of ${bytes.length} bytes, torn at ${at}: ${(error as Error).message}`, {
            cause: error,
          });
        }
        assert.ok(found.warnings <= 1, `${found.warnings} warnings for one tear of '${name}' at ${at}`);
        tried++;
        if (found.lanes.length === saved.lanes.length) whole++;
      }
    }
  }
  return { tried, whole };
}

/** What happens to the folder while the agent is down. */
const damages: Record<string, (folder: string) => void> = {
  deleted: (folder) => {
    for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`);
  },
  "store deleted": (folder) => Deno.removeSync(`${folder}/${STORE}`),
  empty: (folder) => Deno.truncateSync(`${folder}/${STORE}`),
  "zero-filled": (folder) => {
    const path = `${folder}/${STORE}`;
    Deno.writeFileSync(path, new Uint8Array(Deno.statSync(path).size));
  },
  "log torn": (folder) => {
    const path = `${folder}/${STORE}-wal`;
    const { size } = Deno.statSync(path);
    Deno.truncateSync(path, size - 1000);
  },
};

export const tornCheckpoint: Fault = {
  id: "R2",
  fault: "the checkpoint is torn, emptied, zero-filled or deleted",
  done: {
    short:
      "every 97th byte of each of its files: cut there, and that byte flipped; five damages between runs",
    full: "the same at every byte",
  },
  users: "one warning; at worst files younger than the checkpoint's birth come again",
  async run(bed, form) {
    const load = await bed.workload("r02");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    for (let turn = 0; turn < 3; turn++) {
      load.append("a", 500);
      load.append("b", 300);
      await load.settled(undefined, 0);
      await sleep(250);
    }
    await agent.kill9();
    const files = new Map<string, Uint8Array>();
    for (const name of names) files.set(name, Deno.readFileSync(`${agent.checkpointDir}/${name}`));
    const folder = `${load.folder}/copy`;
    copyTo(folder, files);
    const saved = { ...opened(folder, undefined), files };
    assert.equal(saved.lanes.length, 2);
    const { tried, whole } = tear(folder, saved, form === "short" ? 97 : 1);
    removeFolder(folder);

    let started = 0;
    for (const damage of Object.values(damages)) {
      await agent.start();
      await agent.waitReady();
      load.append("a", 200);
      await load.settled(undefined, 500);
      await agent.kill9();
      load.append("b", 200);
      damage(agent.checkpointDir);
      started++;
    }
    await agent.start();
    await agent.waitReady();
    const verdict = await load.verdict();
    // Whole files come again, so the order of first copies is what counts.
    assertKept(verdict, "allowed");
    assert.equal(await agent.stop(), 0);
    const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
    return `${tried} tears of ${bytes} bytes: always opened, never ahead of what was saved, at most one warning, ` +
      `${whole} with all entries; ${started} damages between runs: ${verdict.text}`;
  },
};
