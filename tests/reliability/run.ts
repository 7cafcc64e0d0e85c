/**
 * `deno task reliability`: every fault of docs/reliability.md in its full form, by hand.
 *
 *   deno task reliability                   all of them, one after another
 *   deno task reliability --only R1,R8      only these
 *   deno task reliability --short           the forms that `deno task test` runs
 *   deno task reliability --write           and the page with their figures
 */
import { need } from "../support/system.ts";
import type { Fault, Form, SuiteFault } from "./fault.ts";
import { allFaults, readFigures, writePage } from "./page.ts";
import { ReliabilityBed } from "./reliability_bed.ts";
import { runFault } from "./run_fault.ts";
import { runSuite } from "./run_suite.ts";

const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));

function fail(text: string): never {
  say(text);
  Deno.exit(2);
}

function readArguments(args: string[]) {
  const asked = { only: [] as string[], form: "full" as Form, write: false };
  for (let n = 0; n < args.length; n++) {
    if (args[n] === "--write") asked.write = true;
    else if (args[n] === "--short") asked.form = "short";
    else if (args[n] === "--only" && args[n + 1] !== undefined) asked.only.push(...args[++n].split(","));
    else if (args[n] !== "--") fail(`unknown argument '${args[n]}'; known: --only <id,…>, --short, --write`);
  }
  const ids = allFaults().map(({ id }) => id);
  const strange = asked.only.filter((id) => !ids.includes(id));
  if (strange.length > 0) fail(`unknown fault '${strange[0]}'; known: ${ids.join(", ")}`);
  return asked;
}

const { only, form, write } = readArguments(Deno.args);
if (!await need("kafka", "namespace")) Deno.exit(1);
const bed = new ReliabilityBed();
const figures = readFigures();
const failed: string[] = [];
for (const one of allFaults().filter(({ id }) => only.length === 0 || only.includes(id))) {
  say(`\n== ${one.id}: ${one.fault}\n   ${one.done[form]}`);
  const began = performance.now();
  try {
    const text = await show(one);
    figures[one.id] = { form, text, passed: true };
    say(`   kept: ${text}`);
  } catch (error) {
    const [text] = (error as Error).message.split("\n");
    figures[one.id] = { form, text, passed: false };
    failed.push(one.id);
    say(`   BROKEN: ${(error as Error).stack}`);
  }
  say(`   ${Math.round((performance.now() - began) / 1000)} s`);
  if (write) await writePage(figures);
}
say(failed.length === 0 ? "\nall kept" : `\nbroken: ${failed.join(", ")}`);
Deno.exit(failed.length === 0 ? 0 : 1);

function show(one: Fault | SuiteFault): Promise<string> {
  return "suite" in one ? runSuite(one, form) : runFault(bed, one, form);
}
