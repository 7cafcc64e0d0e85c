/** All faults, in the order of the table. */
import type { Fault, SuiteFault } from "./fault.ts";
import { deadClusters } from "./i1_dead_clusters.ts";
import { refusingTopic } from "./i2_refusing_topic.ts";
import { stalledMount } from "./i3_stalled_mount.ts";
import { ledger } from "./l1_ledger.ts";
import { kill9 } from "./r01_kill9.ts";
import { tornCheckpoint } from "./r02_torn_checkpoint.ts";
import { diskFull } from "./r03_disk_full.ts";
import { brokerDown } from "./r04_broker_down.ts";
import { leaderMoved } from "./r05_leader_moved.ts";
import { slowBroker } from "./r06_slow_broker.ts";
import { churn } from "./r11_churn.ts";
import { manyFiles } from "./r12_many_files.ts";
import { clockJumps } from "./r14_clock_jumps.ts";
import { dirtyBytes } from "./r15_dirty_bytes.ts";
import { longLines } from "./r16_long_lines.ts";
import { unfinishedLines } from "./r18_unfinished_lines.ts";
import { sigterm } from "./r19_sigterm.ts";
import { inodeReuse } from "./r20_inode_reuse.ts";
import { soak } from "./r21_soak.ts";

export const faults: readonly Fault[] = [
  kill9,
  tornCheckpoint,
  diskFull,
  brokerDown,
  leaderMoved,
  slowBroker,
  churn,
  manyFiles,
  clockJumps,
  dirtyBytes,
  longLines,
  unfinishedLines,
  sigterm,
  inodeReuse,
  soak,
  ledger,
  deadClusters,
  refusingTopic,
  stalledMount,
];

/** Those that suites of the end-to-end tests show. */
export const suiteFaults: readonly SuiteFault[] = [];
