/**
 * Plays random histories: `deno task sim --seed N` shows one with all its operations, `--count M` tries M seeds from N on
 * and names those that fail, `--jobs J` in J processes. `--tail`: the tail alone, with stand-ins for Kafka and the
 * checkpoint. `--lively`: programs go on amid each look, and the agent is also stopped as it should be. `--many`: files
 * are polled as seldom as they are when there are many.
 */
import { parseArgs } from "node:util";
import { Simulation } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    steps: { type: "string", default: "120" },
    many: { type: "boolean", default: false },
    tail: { type: "boolean", default: false },
    lively: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.count);
const jobs = Number(values.jobs);

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

/** Returns how many failed. */
async function play(): Promise<number> {
  let failed = 0;
  for (let seed = first; seed < first + count; seed++) {
    const simulation = new Simulation(seed, {
      pollsAsMany: values.many,
      whole: !values.tail,
      lively: values.lively,
    });
    if (count === 1) simulation.verbose();
    let problems: string[];
    try {
      problems = await simulation.run(Number(values.steps));
    } catch (error) {
      problems = [String(error instanceof Error ? error.stack : error)];
    }
    if (count === 1) say([...simulation.log, "-- problems"].join("\n"));
    if (problems.length === 0) continue;
    failed++;
    const shown = count === 1 ? 30 : 2;
    say(`seed ${seed}: ${problems.length} problems\n  ${problems.slice(0, shown).join("\n  ")}`);
  }
  return failed;
}

/** The same in several processes, each with a part of the seeds. */
async function playInJobs(): Promise<number> {
  const share = Math.ceil(count / jobs);
  const rest = Deno.args.filter((arg) => ["--many", "--tail", "--lively"].includes(arg));
  const parts = await Promise.all(Array.from({ length: jobs }, async (_, job) => {
    const seed = first + job * share;
    const seeds = Math.min(share, first + count - seed);
    if (seeds <= 0) return 0;
    const args = ["--seed", seed, "--count", seeds, "--steps", values.steps, ...rest].map(String);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", import.meta.filename!, ...args],
      stderr: "inherit",
    }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    const [, failed] = /(\d+) failed/.exec(lines.pop()!) ?? [];
    if (lines.length > 0) say(lines.join("\n"));
    return failed === undefined ? seeds : Number(failed);
  }));
  return parts.reduce((sum, failed) => sum + failed, 0);
}

const failed = await (jobs > 1 && count > 1 ? playInJobs() : play());
say(`${count - failed} passed, ${failed} failed`);
Deno.exitCode = failed > 0 ? 1 : 0;
