/**
 * The stages of a line's way, each alone and in memory, against tests/bench/baseline.json: which one moved. Figures are
 * CPU nanoseconds divided by how much longer than nominal a calibration loop took around them.
 *
 *   deno task bench:stages [--only read,CRC32C] [--write] [--gate]
 *
 * --write renews the baseline (of the stages that ran), --gate makes the exit code 1 when one became slower.
 */
import { parseArgs } from "node:util";
import { removeFolder, scratchFolder } from "../support/process.ts";
import { machine } from "./bench_agent.ts";
import { measureStage } from "./stage.ts";
import { makeStages } from "./stage_list.ts";
import { type Baseline, moveOf, type StageFigure, stageText } from "./stage_report.ts";

const { values: given } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    write: { type: "boolean", default: false },
    gate: { type: "boolean", default: false },
  },
});
const only = given.only.flatMap((names) => names.split(","));
const path = new URL("./baseline.json", import.meta.url);

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function measureAll(): Promise<Record<string, StageFigure>> {
  const scratch = scratchFolder("stages");
  const now: Record<string, StageFigure> = {};
  try {
    for (const stage of await makeStages(scratch)) {
      if (only.length > 0 && !only.some((name) => stage.name.includes(name))) continue;
      now[stage.name] = { ns: Number(measureStage(stage).toPrecision(4)), per: stage.per };
    }
  } finally {
    removeFolder(scratch);
  }
  return now;
}

const baseline: Baseline = JSON.parse(Deno.readTextFileSync(path));
const now = await measureAll();
say(stageText(now, baseline));
const slower = Object.entries(now).some(([name, figure]) =>
  moveOf(figure, baseline.stages[name]) === "slower"
);
if (given.write) {
  const { cores, processor } = await machine();
  const about = `${
    new Date().toISOString().slice(0, 10)
  }, Deno ${Deno.version.deno}, ${cores} x ${processor}`;
  const renewed: Baseline = { about, stages: { ...baseline.stages, ...now } };
  Deno.writeTextFileSync(path, JSON.stringify(renewed, null, 2) + "\n");
}
Deno.exit(given.gate && slower ? 1 : 0);
