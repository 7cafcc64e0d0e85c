/**
 * `deno task test:containerd2`: discovery and the tutorial against containerd 2, which no package archive of the
 * supported distributions has. Builds it with Go at the first run. Its twin in every run is the replay of recorded
 * answers and events in tests/discovery/cri_replay_test.ts.
 */
import { containerd2Folder } from "../support/containerd.ts";
import { containerd2Version, installContainerd2 } from "../support/containerd_install.ts";
import { runLimited } from "../support/run_limited.ts";
import { findProgram } from "../support/system.ts";

if (findProgram("go") === undefined) {
  throw new Error(`containerd ${containerd2Version} is built with Go 1.24 or later: put 'go' into PATH`);
}
const folder = await installContainerd2();
const files = [
  "tests/by_hand/containerd2_version.ts",
  "tests/e2e/discovery_containerd_test.ts",
  "tests/e2e/tutorial_containerd_test.ts",
];
let failed = 0;
for (const file of files) {
  const { code } = await runLimited(["test", "-A", "--no-check", file], {
    env: { [containerd2Folder]: folder },
    limitMs: 5 * 60_000,
  });
  if (code !== 0) failed++;
}
Deno.exit(failed === 0 ? 0 : 1);
