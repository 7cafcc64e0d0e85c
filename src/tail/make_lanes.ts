import type { OpenFile } from "../core/host.ts";
import type { FollowSpec, OpenedTarget } from "../core/tailing.ts";
import { makeAssembler, type RereadFile } from "./assembler.ts";
import type { Begin, Beginnings } from "./beginnings.ts";
import type { FileReader } from "./file_reader.ts";
import { readAnchor } from "./identity.ts";
import { Lane } from "./lane.ts";
import { LimitedOutput } from "./read_limit.ts";
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
    const limit = spec.readRate && shared.limits.of(spec.readRate, flusher);
    const again = new LaneFile(shared, reader);
    const assembler = makeAssembler(spec.framing, shared.keys, shared.held, again);
    const lane = again.lane = new Lane(
      {
        pipeline: spec.pipeline,
        input: spec.input,
        flusher,
        source: `${spec.origin}:${path}`,
        label: spec.label,
        path,
        framing: spec.framing,
        tags: target.tags,
        output: limit === undefined ? target.outputs[i] : new LimitedOutput(target.outputs[i], limit),
        limit,
      },
      assembler,
      resume,
      shared.moved,
    );
    shared.withFile(reader, (file) => seedAnchor(lane, file));
    return lane;
  });
}

/** What a lane holds back is read again from the file that it is on by then. A closure would keep all of the plan. */
class LaneFile implements RereadFile {
  lane: Lane | null = null;
  readonly #shared: TailShared;
  readonly #reader: FileReader;

  constructor(shared: TailShared, reader: FileReader) {
    this.#shared = shared;
    this.#reader = reader;
  }

  read(into: Uint8Array, from: number, length: number, at: number): number {
    const reader = this.lane?.reader ?? this.#reader;
    return reader.lost ? 0 : this.#shared.withFile(reader, (file) => file.read(into, from, length, at)) ?? 0;
  }
}

/** Fills the lane's anchor from the file, so that its first read is checked like any other. */
function seedAnchor(lane: Lane, file: OpenFile): void {
  const length = readAnchor(file, lane.cursor).length;
  lane.anchorLength = length === 0 ? 0 : file.read(lane.anchor, 0, length, lane.cursor - length);
}
