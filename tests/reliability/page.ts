/** The table of docs/reliability.md: the faults, with the figures that runs left in figures.json. */
import { projectRoot } from "../support/paths.ts";
import type { Fault, Form, SuiteFault } from "./fault.ts";
import { faults, suiteFaults } from "./faults.ts";

/** What a run of a fault showed. */
export interface Figure {
  form: Form;
  /** Figures, or how it failed. */
  text: string;
  passed: boolean;
}

/** By the fault's id. */
export type Figures = Record<string, Figure>;

const figuresFile = `${projectRoot}/tests/reliability/figures.json`;
const page = `${projectRoot}/docs/reliability.md`;
const begin = "<!-- faults: written by deno task reliability --write -->\n";
const end = "<!-- end of faults -->\n";

/** What earlier runs left. */
export function readFigures(): Figures {
  return JSON.parse(Deno.readTextFileSync(figuresFile));
}

/** All faults, in the order of the table: R1 to R21, then the others. */
export function allFaults(): (Fault | SuiteFault)[] {
  const rank = ({ id }: { id: string }) => "RLI".indexOf(id[0]) * 100 + Number(id.slice(1));
  return [...faults, ...suiteFaults].sort((a, b) => rank(a) - rank(b));
}

/** The table. */
export function faultTable(figures: Figures): string {
  const rows = allFaults().map((one) => {
    const figure = figures[one.id];
    const result = figure === undefined ? "not run" : figure.passed ? "kept" : "**broken**";
    const file = "suite" in one ? one.suite.replace(/^tests\//, "../tests/") : undefined;
    const name = file === undefined ? one.fault : `${one.fault} ([suite](${file}))`;
    const run = `\`deno task reliability --only ${one.id}\``;
    const text = figure === undefined ? "" : `${figure.form} form: ${figure.text}`;
    const done = figure?.form === "short" ? one.done.short : `${one.done.full} (short: ${one.done.short})`;
    return `| ${[one.id, name, done, result, text, one.users, run].map(cell).join(" | ")} |\n`;
  });
  const head = ["", "fault", "what is done", "result", "figures, and the form that made them"];
  const heads = [...head, "what users see", "how to run it"];
  return `| ${heads.join(" | ")} |\n| ${heads.map(() => "---").join(" | ")} |\n${rows.join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** The page with the table in its place; throws where the place is missing. */
export function withTable(text: string, table: string): string {
  const from = text.indexOf(begin), to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error("docs/reliability.md has no place for the table of faults");
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}

/** Keeps figures and writes the page anew. */
export async function writePage(figures: Figures): Promise<void> {
  const sorted = Object.fromEntries(
    allFaults().flatMap(({ id }) => id in figures ? [[id, figures[id]]] : []),
  );
  Deno.writeTextFileSync(figuresFile, JSON.stringify(sorted, null, 2) + "\n");
  Deno.writeTextFileSync(page, withTable(Deno.readTextFileSync(page), faultTable(sorted)));
  const fmt = { args: ["fmt", "-q", figuresFile, page], cwd: projectRoot };
  await new Deno.Command(Deno.execPath(), fmt).output();
}
