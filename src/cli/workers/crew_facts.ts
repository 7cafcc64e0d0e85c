import type { CrewMember } from "./crew_member.ts";
import { STATUS_EVERY_MS, type WorkerReport } from "./messages.ts";

/** What health pages and the report at a terminal ask of a tail, put together of what the workers told last. */
export class CrewFacts {
  readonly #members: readonly CrewMember[];

  constructor(members: readonly CrewMember[]) {
    this.#members = members;
  }

  get checkpointError(): string {
    return this.#members.map(({ status }) => status?.checkpointError ?? "").find((error) => error !== "") ??
      "";
  }

  /** The longest standstill of a worker's event loop. */
  stalledMs(): number {
    return Math.max(0, ...this.#members.map((member) => member.stalledMs(STATUS_EVERY_MS)));
  }

  waitingFiles(): { readonly path: string; readonly idleMs: number }[] {
    return this.#members.flatMap(({ status }) => status?.waitingFiles ?? []);
  }

  get refused(): WorkerReport["refused"] {
    const merged = new Map<string, { count: number; paths: string[] }>();
    for (const { refused } of this.#reports()) {
      for (const [reason, { count, paths }] of refused) {
        const all = merged.get(reason) ?? { count: 0, paths: [] };
        merged.set(reason, { count: all.count + count, paths: [...all.paths, ...paths] });
      }
    }
    return merged;
  }

  openFiles(): ReadonlyMap<string, number> {
    const merged = new Map<string, number>();
    for (const { openFiles } of this.#reports()) {
      for (const [label, files] of openFiles) merged.set(label, (merged.get(label) ?? 0) + files);
    }
    return merged;
  }

  unsettledBytes(): number {
    return this.#reports().reduce((sum, { unsettledBytes }) => sum + unsettledBytes, 0);
  }

  backlogBytes(): number {
    return this.#reports().reduce((sum, { backlogBytes }) => sum + backlogBytes, 0);
  }

  #reports(): WorkerReport[] {
    return this.#members.flatMap(({ status }) => status?.report ?? []);
  }
}
