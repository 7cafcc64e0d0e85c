import type { OpenFile } from "../core/host.ts";
import type { FollowSpec, OpenedTarget } from "../core/tailing.ts";
import { makeAssembler } from "./assembler.ts";
import type { Begin, Beginnings } from "./beginnings.ts";
import type { FileReader } from "./file_reader.ts";
import { readAnchor } from "./identity.ts";
import { Lane } from "./lane.ts";
import type { TailShared } from "./tail_shared.ts";

/** What the lanes of one generation have in common. */
export interface LanePlan {
  readonly spec: FollowSpec;
  readonly path: string;
  /** What the input gave for this file. */
  readonly target: OpenedTarget;
  readonly beginnings: Beginnings;
  readonly begin: Begin;
}

/** A lane per flusher on a file, each at the place where it begins. */
export function makeLanes(shared: TailShared, reader: FileReader, plan: LanePlan): Lane[] {
  const { spec, path, target, beginnings, begin } = plan;
  return spec.flushers.map((flusher, i) => {
    const resume = shared.withFile(reader, (file) => begin(file, flusher)) ?? beginnings.zeros();
    const assembler = makeAssembler(spec.framing, shared.keys, shared.held, {
      read: (into, from, length, at) => {
        const now = lane.reader ?? reader;
        return now.lost ? 0 : shared.withFile(now, (file) => file.read(into, from, length, at)) ?? 0;
      },
    });
    const lane: Lane = new Lane(
      {
        pipeline: spec.pipeline,
        input: spec.input,
        flusher,
        source: `${spec.origin}:${path}`,
        label: spec.label,
        path,
        framing: spec.framing,
        tags: target.tags,
        output: target.outputs[i],
      },
      assembler,
      resume,
      shared.moved,
    );
    shared.withFile(reader, (file) => seedAnchor(lane, file));
    return lane;
  });
}

/** Fills the lane's anchor from the file, so that its first read is checked like any other. */
function seedAnchor(lane: Lane, file: OpenFile): void {
  const length = readAnchor(file, lane.cursor).length;
  lane.anchorLength = length === 0 ? 0 : file.read(lane.anchor, 0, length, lane.cursor - length);
}
