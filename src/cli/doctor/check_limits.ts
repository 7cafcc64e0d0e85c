import { formatBytes } from "../people.ts";
import { fault, type Finding, well } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** Above this share of its limit the agent reads slower; at rest it should be well below. */
const REST_SHARE = 0.8;

/** Whether the agent can move within its limits. Loading pipelines has made the process as large as it is at rest. */
export function checkLimits({ options, rssBytes }: Machine): Finding {
  const { cpuLimitCores, memLimitMb } = options;
  const cpu = cpuLimitCores === null ? "no limit of CPU" : `CPU ${cpuLimitCores}`;
  if (memLimitMb === null) return well("limits", `${cpu}, no limit of memory`);
  if (rssBytes > REST_SHARE * memLimitMb * 1024 * 1024) {
    const floorMb = Math.ceil(rssBytes / REST_SHARE / (1024 * 1024));
    return fault(
      "limits",
      `${memLimitMb} MB of memory is too little: the process needs ${formatBytes(rssBytes)} at rest`,
      [],
      [`--memory-limit ${floorMb} or more (mem_usage_limit)`],
    );
  }
  return well("limits", `${cpu}, memory ${memLimitMb} MB`);
}
