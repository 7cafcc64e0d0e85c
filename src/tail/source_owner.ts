import type { FileInfo } from "../core/host.ts";
import type { Generation } from "./generations.ts";
import type { Sibling } from "./siblings.ts";

/** What a source asks of the target it belongs to. */
export interface SourceOwner {
  /** Whether the target is looked at for the first time: what is there now was there before. */
  readonly firstLook: boolean;
  /** A generation was read to its end and is closed. */
  ended(generation: Generation): void;
  /** Whether the target has the file open, under whatever path. */
  follows(info: FileInfo): boolean;
  /** Whether the file, or a copy of it, was read to its end before. */
  consumed(path: string, info: FileInfo): boolean;
  /** Whether the pattern would find a file by this path. */
  finds(path: string): boolean;
  /** Whether the path is that of a source. */
  reads(path: string): boolean;
  /** Whether another source, of which the file may be a rotated one by its name, reads it or knows it for a copy. */
  claimed(sibling: Sibling): boolean;
}
