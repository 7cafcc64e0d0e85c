/**
 * Plays random histories: `deno task sim --seed N` shows one with all its operations, `--count M` tries M seeds from N on
 * and names those that fail, `--jobs J` in J processes. `--tail`: the tail alone, with stand-ins for Kafka and the
 * checkpoint. `--lively`: programs go on amid each look, and the agent is also stopped as it should be. `--many`: files
 * are polled as seldom as they are when there are many. `--seconds S`: no further one is begun after that.
 */
import { parseArgs } from "node:util";
import { Simulation } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    steps: { type: "string", default: "120" },
    seconds: { type: "string", default: "Infinity" },
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

/** What became of all that were played. */
interface Played {
  count: number;
  failed: number;
  /** Crashes and stops of the agent. */
  ends: number;
}

async function play(): Promise<Played> {
  const played: Played = { count: 0, failed: 0, ends: 0 };
  const endMs = performance.now() + Number(values.seconds) * 1_000;
  for (let seed = first; seed < first + count && performance.now() < endMs; seed++) {
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
    played.count++;
    played.ends += simulation.ends;
    if (problems.length === 0) continue;
    played.failed++;
    const shown = count === 1 ? 30 : 2;
    say(`seed ${seed}: ${problems.length} problems\n  ${problems.slice(0, shown).join("\n  ")}`);
  }
  return played;
}

/** The same in several processes, each with a part of the seeds. */
async function playInJobs(): Promise<Played> {
  const share = Math.ceil(count / jobs);
  const rest = Deno.args.filter((arg) => ["--many", "--tail", "--lively"].includes(arg));
  const parts = await Promise.all(Array.from({ length: jobs }, async (_, job) => {
    const seed = first + job * share;
    const seeds = Math.min(share, first + count - seed);
    if (seeds <= 0) return { count: 0, failed: 0, ends: 0 };
    const { steps, seconds } = values;
    const args = ["--seed", seed, "--count", seeds, "--steps", steps, "--seconds", seconds, ...rest].map(
      String,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", import.meta.filename!, ...args],
      stderr: "inherit",
    }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    const [, passed, failed, ends] = /(\d+) passed, (\d+) failed, (\d+) ends/.exec(lines.pop()!) ?? [];
    if (lines.length > 0) say(lines.join("\n"));
    if (passed === undefined) return { count: seeds, failed: seeds, ends: 0 };
    return { count: Number(passed) + Number(failed), failed: Number(failed), ends: Number(ends) };
  }));
  const sum = (one: keyof Played) => parts.reduce((all, part) => all + part[one], 0);
  return { count: sum("count"), failed: sum("failed"), ends: sum("ends") };
}

const { failed, ends, count: played } = await (jobs > 1 && count > 1 ? playInJobs() : play());
say(`${played - failed} passed, ${failed} failed, ${ends} ends of the agent`);
Deno.exitCode = failed > 0 ? 1 : 0;
