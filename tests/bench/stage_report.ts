/** Which stage moved against the stored baseline. */

/** Nanoseconds of a stage on the machine the bars were set on. */
export interface StageFigure {
  ns: number;
  per: string;
}

/** tests/bench/baseline.json. */
export interface Baseline {
  /** When, with what, on what. */
  about: string;
  stages: Record<string, StageFigure>;
}

/** A stage that changed by more than this part has moved. */
export const MOVED = 0.1;

/** What became of a stage. */
export type Move = "same" | "slower" | "faster" | "new";

export function moveOf(now: StageFigure, before: StageFigure | undefined): Move {
  if (before === undefined || before.per !== now.per) return "new";
  const change = now.ns / before.ns - 1;
  return change > MOVED ? "slower" : change < -MOVED ? "faster" : "same";
}

const digits = (ns: number) => ns.toFixed(ns < 10 ? 3 : 1);

/** A table of all stages, and a line that names those that moved. */
export function stageText(now: Record<string, StageFigure>, baseline: Baseline): string {
  const lines: string[] = [];
  const moved: string[] = [];
  for (const [name, figure] of Object.entries(now)) {
    const before = baseline.stages[name];
    const move = moveOf(figure, before);
    const change = move === "new"
      ? "new"
      : `${figure.ns >= before.ns ? "+" : ""}${((figure.ns / before.ns - 1) * 100).toFixed(0)} %`;
    const was = move === "new" ? "-" : digits(before.ns);
    lines.push(
      `${name.padEnd(24)} ${digits(figure.ns).padStart(8)} ns per ${figure.per.padEnd(5)} ${
        was.padStart(8)
      } ${change.padStart(7)}${move === "slower" ? "  SLOWER" : move === "faster" ? "  faster" : ""}`,
    );
    if (move === "slower" || move === "faster") moved.push(`${name} (${change})`);
  }
  const head = `${"stage".padEnd(24)} ${"now".padStart(8)}              ${"baseline".padStart(8)}  change`;
  const closing = moved.length === 0
    ? `no stage moved beyond ${MOVED * 100} %`
    : `moved beyond ${MOVED * 100} %: ${moved.join(", ")}`;
  return [`baseline: ${baseline.about}`, head, ...lines, closing].join("\n");
}
