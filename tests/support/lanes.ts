import type { SavedLane } from "../../src/core/checkpoint.ts";

/** A saved lane with a number in it; `at` is its resume point. */
export function savedLane(number: number, at: number): SavedLane {
  return {
    key: {
      pipeline: "nginx",
      input: "service_docker_stdout#0",
      flusher: "flusher_kafka_v2#0",
      source: `${"c".repeat(12)}${number}:/var/log/pods/ünï "quoted"/0.log`,
      device: 2049,
      inode: 1e15 + number,
    },
    done: [at, at + 7],
    head: { length: 1024, hash: 0xdeadbeef },
    anchor: { at, length: 64, hash: 0x12345678 },
    hostPath: `/logtail_host/var/log/pods/${number}/0.log`,
    savedMs: 1_700_000_000_000 + at,
  };
}
