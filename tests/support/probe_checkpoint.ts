/** Uses a checkpoint folder on a small disk until it is full, then one on a read-only disk; prints what came of it. */
import { openStore } from "../../src/checkpoint/open_store.ts";
import { DiskCheckpointFolder } from "../../src/host/checkpoint_folder.ts";
import { savedLane } from "./lanes.ts";
import { MemoryLog } from "./memory_log.ts";

const scratch = Deno.args[0];
const small = `${scratch}/small`;

function lanes(count: number, at: number) {
  return Array.from({ length: count }, (_, i) => savedLane(i, at));
}

function nameOf(job: () => unknown): string {
  try {
    job();
    return "";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

const store = openStore(new DiskCheckpointFolder(small), 1, new MemoryLog());
store.save(lanes(50, 1), []);
const filler = Deno.openSync(`${small}/filler`, { write: true, create: true });
const full = nameOf(() => {
  for (;;) filler.writeSync(new Uint8Array(4096));
});
const refused = nameOf(() => store.save(lanes(2000, 2), []));
const probed = new DiskCheckpointFolder(small).probe();
const left = [...Deno.readDirSync(small)].filter(({ name }) => name.endsWith(".probe")).length;
filler.truncateSync(0);
const again = nameOf(() => store.save(lanes(10, 3), []));
store.close();
const reopened = openStore(new DiskCheckpointFolder(small), 2, new MemoryLog());
const points = reopened.load().map((lane) => lane.done[0]).sort((a, b) => a - b);
reopened.close();

const readOnly = new DiskCheckpointFolder(`${scratch}/readonly`);
const seen = JSON.stringify({
  full,
  refused,
  probed,
  left,
  again,
  points,
  birth: reopened.birth,
  lockOnReadOnly: nameOf(() => readOnly.tryLock()),
  openOnReadOnly: nameOf(() => openStore(readOnly, 1, new MemoryLog())),
});
Deno.stdout.writeSync(new TextEncoder().encode(seen));
