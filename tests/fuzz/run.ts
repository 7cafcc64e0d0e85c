/**
 * Fuzzing by hand, for hours if wanted: each target in turn, a second at a time, until the time is over. What fails is
 * printed with its smallest input, and left out from then on. Exit code 1 if anything failed.
 *
 *   deno task fuzz --seconds 3600
 *   deno task fuzz --seconds 60 --only "regex translation" --seed 7
 */
import { allTargets } from "./all_targets.ts";
import { runTarget } from "./target.ts";

/** One turn of a target. */
const TURN_MS = 1_000;

interface Wish {
  seconds: number;
  only: string;
  seed: number;
}

function wishOf(args: readonly string[]): Wish {
  const wish = { seconds: 60, only: "", seed: Date.now() % 1_000_000 };
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i], args[i + 1]];
    if (value === undefined) throw new Error(`'${name}' needs a value`);
    if (name === "--only") wish.only = value;
    else if (name === "--seconds" || name === "--seed") {
      wish[name.slice(2) as "seconds" | "seed"] = Number(value);
    } else {throw new Error(
        `unknown argument '${name}'; known: --seconds N, --only <part of a name>, --seed S`,
      );}
  }
  return wish;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

const { seconds, only, seed } = wishOf(Deno.args);
let targets = allTargets.filter(({ name }) => name.includes(only));
if (targets.length === 0) {
  say(`no target's name contains '${only}': ${allTargets.map(({ name }) => name).join(", ")}`);
}
const runs = new Map<string, number>();
const until = performance.now() + seconds * 1_000;
let failures = 0;
// One target at least gets a turn; each round has the next seed.
for (let round = 0; targets.length > 0 && (round === 0 || performance.now() < until); round++) {
  for (const target of targets) {
    const result = runTarget(target, Math.min(TURN_MS, seconds * 1_000), seed + round);
    runs.set(target.name, (runs.get(target.name) ?? 0) + result.runs);
    if (result.failure === null) continue;
    failures++;
    say(result.failure);
    targets = targets.filter((one) => one !== target);
  }
}
for (const [name, count] of runs) say(`${String(count).padStart(9)} inputs  ${name}`);
say(`${failures} of ${runs.size} targets failed; began with seed ${seed}`);
Deno.exit(failures > 0 || runs.size === 0 ? 1 : 0);
