/**
 * Plays random histories: `deno task sim --seed N` shows one with all its operations, `--count M` tries M seeds from N on
 * and names those that fail. `--many`: files are polled as seldom as they are when there are many. `--tail`: the tail alone,
 * with stand-ins for Kafka and the checkpoint.
 */
import { parseArgs } from "node:util";
import { Simulation } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    steps: { type: "string", default: "120" },
    many: { type: "boolean", default: false },
    tail: { type: "boolean", default: false },
  },
});

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

const first = Number(values.seed);
const count = Number(values.count);
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const simulation = new Simulation(seed, { pollsAsMany: values.many, whole: !values.tail });
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
say(`${count - failed} passed, ${failed} failed`);
Deno.exitCode = failed > 0 ? 1 : 0;
