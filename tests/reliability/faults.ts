/** All faults, in the order of the table. */
import type { Fault, SuiteFault } from "./fault.ts";
import { kill9 } from "./r01_kill9.ts";
import { tornCheckpoint } from "./r02_torn_checkpoint.ts";
import { diskFull } from "./r03_disk_full.ts";
import { manyFiles } from "./r12_many_files.ts";
import { sigterm } from "./r19_sigterm.ts";
import { inodeReuse } from "./r20_inode_reuse.ts";

export const faults: readonly Fault[] = [
  kill9,
  tornCheckpoint,
  diskFull,
  manyFiles,
  sigterm,
  inodeReuse,
];

/** Those that suites of the end-to-end tests show. */
export const suiteFaults: readonly SuiteFault[] = [];
