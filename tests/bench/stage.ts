import process from "node:process";
import { calibrate, NOMINAL_SECONDS } from "./calibration.ts";

/** One step on the way of a line, by itself, in memory. */
export interface Stage {
  name: string;
  /** What its nanoseconds are counted by. */
  per: "byte" | "line";
  /** Does a piece of work; returns how many of them that were. */
  run(): number;
}

/** A round lasts so much CPU time; the best of the rounds counts. */
const ROUND_SECONDS = 0.06;
const ROUNDS = 9;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU nanoseconds per byte or line as they would be on the machine the bars were set on. */
export function measureStage(stage: Stage): number {
  const before = calibrate();
  let best = Infinity;
  // The first round is warm-up.
  for (let round = 0; round <= ROUNDS; round++) {
    const begin = cpuSeconds();
    let units = 0;
    let spent = 0;
    do {
      units += stage.run();
      spent = cpuSeconds() - begin;
    } while (spent < ROUND_SECONDS);
    if (round > 0) best = Math.min(best, spent / units);
  }
  const slowness = Math.min(before, calibrate()) / NOMINAL_SECONDS;
  return best * 1e9 / slowness;
}
