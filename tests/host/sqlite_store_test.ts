import assert from "node:assert/strict";
import { openStore } from "../../src/checkpoint/open_store.ts";
import { DiskCheckpointFolder } from "../../src/host/checkpoint_folder.ts";
import { savedLane } from "../support/lanes.ts";
import { MemoryLog } from "../support/memory_log.ts";

const LANES = 200;
/** Enough for the log to be copied into the database once on the way. */
const GENERATIONS = 40;
const T0 = 1_700_000_000_000;

/** The files of a store that was killed: some generations in the database, the last ones only in the log. */
function killedStore(): Map<string, Uint8Array> {
  const path = Deno.makeTempDirSync({ prefix: "denotail-torn-" });
  try {
    const store = openStore(new DiskCheckpointFolder(path), T0, new MemoryLog());
    for (let at = 1; at <= GENERATIONS; at++) {
      store.save(Array.from({ length: LANES }, (_, i) => savedLane(i, at)), []);
    }
    const copy = new Map(
      [...Deno.readDirSync(path)].map(({ name }) => [name, Deno.readFileSync(`${path}/${name}`)]),
    );
    store.close();
    for (const [name, bytes] of copy) assert.ok(name.endsWith(".born") || bytes.length > 20_000, name);
    return copy;
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

type Damage = (bytes: Uint8Array, at: number) => Uint8Array;

const DAMAGES: Record<string, Damage> = {
  truncated: (bytes, at) => bytes.slice(0, at),
  zeroed: (bytes, at) => bytes.slice().fill(0, at, at + 4096),
  flipped: (bytes, at) => {
    const copy = bytes.slice();
    copy[at] ^= 0x01;
    return copy;
  },
  torn: (bytes, at) => {
    const copy = bytes.slice();
    copy.copyWithin(at, 0, 512);
    return copy;
  },
};

for (const [name, damage] of Object.entries(DAMAGES)) {
  Deno.test(`the store always starts and never knows more than was saved when it is ${name}`, () => {
    const files = killedStore();
    for (const victim of ["checkpoint.sqlite", "checkpoint.sqlite-wal"]) {
      const bytes = files.get(victim)!;
      const offsets = [0, 1, 18, 31, 60, 99, 100, 104];
      for (let i = 1; i <= 40; i++) offsets.push(Math.floor((bytes.length * i) / 40.5) + i);
      for (const at of offsets) {
        startsWith(files, victim, damage(bytes, Math.min(at, bytes.length - 1)), `${victim} ${at}`);
      }
    }
  });
}

function startsWith(files: Map<string, Uint8Array>, victim: string, bytes: Uint8Array, place: string): void {
  const path = Deno.makeTempDirSync({ prefix: "denotail-torn-" });
  try {
    for (const [name, content] of files) {
      Deno.writeFileSync(`${path}/${name}`, name === victim ? bytes : content);
    }
    const log = new MemoryLog();
    const store = openStore(new DiskCheckpointFolder(path), T0 + 1, log);
    assert.equal(store.birth.bornMs, T0, place);
    for (const lane of store.load()) {
      const number = lane.key.inode - 1e15;
      assert.ok(lane.done[0] >= 1 && lane.done[0] <= GENERATIONS, place);
      assert.deepEqual(lane, savedLane(number, lane.done[0]), place);
    }
    store.save([savedLane(0, 99)], []);
    store.close();
    const again = openStore(new DiskCheckpointFolder(path), T0 + 2, log);
    assert.ok(again.load().some((lane) => lane.done[0] === 99), place);
    again.close();
    assert.ok(log.lines.length <= 2, `${place}: ${JSON.stringify(log.lines)}`);
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}
