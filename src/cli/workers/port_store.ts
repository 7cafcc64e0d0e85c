import type { Birth, CheckpointStore, LaneKey, SavedLane } from "../../core/checkpoint.ts";
import { RetriableError } from "../../core/errors.ts";
import type { ParentThread } from "../../core/worker_thread.ts";
import type { FromWorker, ToWorker, WorkerOrder } from "./messages.ts";

/**
 * A worker's way to the checkpoint, which the main thread keeps. A save waits for the main thread as it would wait for the
 * disk: a worker that went on meanwhile would deliver, while a disk stalls, what a kill then repeats.
 */
export class PortStore implements CheckpointStore {
  readonly birth: Birth;
  /** Comes with the order to start. */
  firstSeen: ReadonlyMap<string, number> = new Map();
  readonly #link: ParentThread<FromWorker, ToWorker>;
  readonly #nowMs: number;
  #lanes: readonly SavedLane[];

  /** `nowMs`: wall clock of this start. */
  constructor(
    link: ParentThread<FromWorker, ToWorker>,
    { birth, lanes }: Pick<WorkerOrder, "birth" | "lanes">,
    nowMs: number,
  ) {
    this.birth = birth;
    this.#link = link;
    this.#nowMs = nowMs;
    this.#lanes = lanes;
  }

  load(): SavedLane[] {
    const lanes = [...this.#lanes];
    this.#lanes = [];
    return lanes;
  }

  save(changed: readonly SavedLane[], removed: readonly LaneKey[]): void {
    const fault = this.#link.ask({ kind: "save", changed, removed });
    if (fault !== "") throw new RetriableError("CHECKPOINT_SAVE_FAILED", fault);
  }

  firstSeenMs(pipeline: string): number {
    // A pipeline that only this worker could load (a certificate came a moment later) is new.
    return this.firstSeen.get(pipeline) ?? this.#nowMs;
  }

  /** Notes are the main thread's. */
  note(): null {
    return null;
  }

  setNote(): void {}

  close(): void {}
}
