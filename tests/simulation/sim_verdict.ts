import type { SimLane } from "./sim_lane.ts";
import type { Rec } from "./model.ts";
import type { SimNeighbour } from "./sim_neighbour.ts";
import type { SimSource } from "./sim_source.ts";
import { has, keyOf, type Subscription } from "./sim_subscription.ts";

/** A history at its end. */
export interface PlayedHistory {
  readonly subscriptions: readonly Subscription[];
  readonly sources: readonly SimSource[];
  readonly neighbours: ReadonlyMap<SimSource, readonly SimNeighbour[]>;
  readonly unsettledBytes: number;
  /** Descriptors of the agent. */
  readonly openCount: number;
  /** What was found on the way. */
  readonly problems: readonly string[];
}

/** What is wrong with it: lines lost, twice, out of order or damaged, files left open, bytes left unsettled. */
export function verdict(played: PlayedHistory): string[] {
  const problems: string[] = [...played.problems];
  for (const { source, lanes, select } of played.subscriptions) {
    const byKey = new Map(source.records.map((rec) => [keyOf(rec), rec]));
    for (const lane of lanes) {
      for (const each of played.neighbours.get(source)!) problems.push(...each.problems(lane, select));
      for (const key of lane.twice) {
        if (byKey.get(key)?.untold) continue;
        problems.push(`${lane.name}: ${key} came twice in one session`);
      }
      for (const text of lane.fragments) {
        if (!isFragment(source, lane, text)) {
          problems.push(`${lane.name}: '${text.slice(0, 80)}' is no record`);
        }
      }
      for (const rec of source.records) {
        if (lane.again.has(keyOf(rec)) && !rec.untold && !rec.mistakable) {
          problems.push(`${lane.name}: ${keyOf(rec)} came again, it was settled and saved`);
        }
        const before = lane.late.get(keyOf(rec));
        const other = before === undefined ? undefined : byKey.get(before);
        // What nobody had to deliver, or what copytruncate moved, may come from wherever it was found.
        if (
          other !== undefined &&
          ![rec, other].some((each) => each.copied || each.excused.has(lane.name))
        ) {
          problems.push(`${lane.name}: ${keyOf(rec)} came after ${before}`);
        }
        if (has(lane, rec) || rec.torn || !rec.complete || rec.excused.has(lane.name)) continue;
        if (rec.cut && cameInPieces(lane, rec)) continue;
        problems.push(`${lane.name}: ${keyOf(rec)} is lost (written at ${rec.writtenMs})`);
      }
    }
  }
  const unsettled = played.unsettledBytes;
  if (unsettled > 0 && !played.sources.some((source) => source.isUnfinished)) {
    problems.push(`${unsettled} bytes are not settled though everything was acknowledged`);
  }
  const open = played.openCount;
  const named = played.sources.reduce(
    (sum, source) => sum + source.gens.length + played.neighbours.get(source)!.length,
    0,
  );
  if (open > named) problems.push(`${open} descriptors are open, ${named} files exist`);
  return problems;
}

/** A part of a record that was torn, or of which a part is gone; perhaps glued to a whole one. */
function isFragment(source: SimSource, lane: SimLane, text: string): boolean {
  const broken = source.records.filter((rec) => rec.torn || rec.cut || rec.excused.has(lane.name));
  if (broken.some((rec) => rec.text.includes(text))) return true;
  for (let cut = 1; cut < text.length; cut++) {
    const [head, rest] = [text.slice(0, cut), text.slice(cut)];
    if (!broken.some((rec) => rec.text.includes(head))) continue;
    const whole = source.records.find((rec) => rec.text === rest);
    if (whole !== undefined) lane.delivered.add(keyOf(whole));
    if (whole !== undefined || broken.some((rec) => rec.text.includes(rest))) return true;
  }
  return false;
}

/** Whether the lane got both pieces of the record. */
function cameInPieces({ fragments }: SimLane, { text }: Rec): boolean {
  return fragments.some((head) => text.startsWith(head) && fragments.includes(text.slice(head.length)));
}
