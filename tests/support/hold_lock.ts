/** Holds the lock of a checkpoint folder until it is killed. */
import { DiskCheckpointFolder } from "../../src/host/checkpoint_folder.ts";

const folder = new DiskCheckpointFolder(Deno.args[0]);
const held = folder.tryLock();
folder.writeHolder("the holder\n");
Deno.stdout.writeSync(new TextEncoder().encode(held ? "held\n" : "refused\n"));
setInterval(() => {}, 60_000);
