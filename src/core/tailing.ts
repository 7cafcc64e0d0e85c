import type { FileInfo, PathView } from "./host.ts";
import type { Framing } from "./framing.ts";
import type { LaneOutput } from "./lane.ts";
import type { TagSet } from "./tags.ts";

/** Which files of a view are followed. Paths are absolute in the view. */
export type PathSelect =
  | {
    readonly kind: "exact";
    readonly path: string;
    /** Whether a file is left out by an exclude list: asked for rotated files beside the path. */
    readonly excluded?: (path: string, isFolder: boolean) => boolean;
  }
  | {
    readonly kind: "glob";
    /** Folder, may hold `*`, `?`, `[…]` in its components and `**` as its last one. */
    readonly folder: string;
    /** Pattern of the file name (fnmatch). */
    readonly name: string;
    /** Levels below the folder that are searched, 0: only the folder itself. */
    readonly depthMax: number;
    /** Whether a file or folder is left out by an exclude list. */
    readonly excluded: (path: string, isFolder: boolean) => boolean;
  };

/** Where reading begins in a file that no checkpoint knows. */
export interface FirstContact {
  /** Bytes before the end that are read, aligned to the next line; `null`: no limit. */
  readonly tailBytesMax: number | null;
  /** Whether a person wrote that limit in the pipeline (then it also applies when the pipeline is new). */
  readonly written: boolean;
}

/** How fast may be read: those with the same object share it. */
export interface ReadRate {
  readonly bytesPerSecond: number;
}

/** What the input gives for one file it follows. */
export interface OpenedTarget {
  readonly tags: TagSet;
  /** One per flusher, in the order of `FollowSpec.flushers`. */
  readonly outputs: readonly LaneOutput[];
}

/** A request to follow files: one input of one pipeline, one container (or the host). */
export interface FollowSpec {
  /** Stem of the pipeline file; first part of the checkpoint key, with input and flusher. */
  readonly pipeline: string;
  /** Input type with its id, else its ordinal: `service_docker_stdout#0`. */
  readonly input: string;
  readonly flushers: readonly string[];
  /** Container id, or `host`: with the path, the source of the checkpoint key. */
  readonly origin: string;
  /** When the container was created, Unix milliseconds; `null` for the host. Decides the first-contact rule. */
  readonly originCreatedMs: number | null;
  /** For people: container name, or `host`. */
  readonly label: string;
  readonly view: PathView;
  readonly select: PathSelect;
  readonly framing: Framing;
  readonly firstContact: FirstContact;
  /** Default: as fast as it goes. Each flusher has it to itself. */
  readonly readRate?: ReadRate;
  /** Leaves out files that begin like binary or compressed ones; default: reads whatever there is. */
  readonly skipBinary?: boolean;
  /** Called once per file generation that is opened for this target. */
  readonly open: (path: string, info: FileInfo) => OpenedTarget;
}

/** A target that is being followed. */
export interface Follow {
  /** The container is gone: what is there is read to its end, held pieces are sent, then the files are closed. */
  finish(): void;
  /** The container runs again: following goes on as if `finish` had not been called. */
  resume(): void;
  /** Everything was read, settled and closed after `finish`, or it was closed. */
  readonly done: boolean;
  /** Stop following now; what was read still settles. */
  close(): void;
}

/** The tail, as inputs see it. */
export interface TailPort {
  follow(spec: FollowSpec): Follow;
}
