/** All faults, in the order of the table. */
import type { Fault, SuiteFault } from "./fault.ts";
import { deadClusters } from "./i1_dead_clusters.ts";
import { refusingTopic } from "./i2_refusing_topic.ts";
import { stalledMount } from "./i3_stalled_mount.ts";
import { ledger } from "./l1_ledger.ts";
import { heldLimit } from "./l2_held_limit.ts";
import { vanished } from "./l3_vanished.ts";
import { kill9 } from "./r01_kill9.ts";
import { tornCheckpoint } from "./r02_torn_checkpoint.ts";
import { diskFull } from "./r03_disk_full.ts";
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
  heldLimit,
  vanished,
  deadClusters,
  refusingTopic,
  stalledMount,
];

/** Those that suites of the end-to-end tests show: `deno task test` runs them there. */
export const suiteFaults: readonly SuiteFault[] = [
  {
    id: "R4",
    fault: "the broker is away",
    done: { short: "stopped for 30 s at 5,000 lines/s", full: "stopped for ten minutes at 5,000 lines/s" },
    users: "lines wait in their files; one warning; memory stays as it was",
    suite: "tests/e2e/broker_stopped_test.ts",
    filter: /broker is stopped for a while/,
  },
  {
    id: "R7",
    fault: "logs are rotated by renaming, at full speed",
    done: {
      short:
        "a kubelet's log twice a second at 10,000 lines/s, a host's file five times a second, and while it is away",
      full: "the same",
    },
    users: "nothing",
    suite: "tests/e2e/rotation_test.ts",
    filter: /renamed|kubelet/,
  },
  {
    id: "R8",
    fault: "files are copied and truncated",
    done: {
      short: "live, to less and to more bytes than before, and while the agent is away",
      full: "the same",
    },
    users: "nothing, as long as the copy is there",
    suite: "tests/e2e/rotation_test.ts",
    filter: /copied and truncated/,
  },
  {
    id: "R9",
    fault: "dockerd rotates",
    done: { short: "max-size 200k, 20,000 lines", full: "the same" },
    users: "nothing",
    suite: "tests/e2e/rotation_test.ts",
    filter: /dockerd rotates/,
  },
  {
    id: "R10",
    fault: "containers live for moments",
    done: {
      short: "30 pods that end after 0 to 0.5 s and are removed 0.7 s later",
      full: "500 of them, 0.05 to 3 s",
    },
    users: "nothing, if the runtime keeps the files for a moment",
    suite: "tests/e2e/lifecycle_test.ts",
    filter: /live for moments/,
  },
  {
    id: "R13",
    fault: "the runtimes' daemons restart",
    done: { short: "containerd and dockerd, with a container that writes on", full: "the same" },
    users: "nothing",
    suite: "tests/e2e/lifecycle_test.ts",
    filter: /containerd and dockerd restart/,
  },
];
