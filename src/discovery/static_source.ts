import type { Container, RuntimeStatus } from "../core/container.ts";
import { describeError, RetriableError } from "../core/errors.ts";
import type { Clock, FileInfo, Files, Timer } from "../core/host.ts";
import type { ContainerSource } from "./container_source.ts";
import { sameContainer } from "./keep_known.ts";
import { staticContainers, type StaticDefaults } from "./static_info.ts";

/** A list of ten thousand containers stays below this. */
const STATIC_BYTES_MAX = 64 * 1024 * 1024;

/** A file of static container info and what is needed to follow it. */
export interface StaticSourceOptions {
  readonly path: string;
  readonly files: Pick<Files, "stat" | "readText">;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Asked at each reading. */
  readonly defaults: () => StaticDefaults;
}

/**
 * Follows the file: it is read again when device, inode, size or time of modification change. A bad or missing
 * file is told in `status`, and the last good list stays.
 */
export class StaticSource implements ContainerSource {
  #options: StaticSourceOptions;
  #containers: ReadonlyMap<string, Container> = new Map();
  #seen = "";
  #error = "";
  #looked = false;
  #timer: Timer | null = null;
  #stopped = false;
  #changed: () => void = () => {};

  constructor(options: StaticSourceOptions) {
    this.#options = options;
  }

  start(changed: () => void): void {
    this.#changed = changed;
    this.#schedule(0);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    return Promise.resolve();
  }

  status(): RuntimeStatus {
    const status = { kind: "static", socket: this.#options.path } as const;
    return Object.freeze(
      this.#error === "" ? { ...status, state: "ok" } : { ...status, state: "away", error: this.#error },
    );
  }

  /** A file that is missing at start may never come: it is not waited for. */
  settled(): boolean {
    return this.#looked;
  }

  containers(): ReadonlyMap<string, Container> {
    return this.#containers;
  }

  refresh(): void {
    this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#look();
      this.#schedule(this.#options.intervalMs);
    });
  }

  #look(): void {
    const info = this.#options.files.stat(this.#options.path);
    const seen = info === null ? "missing" : versionOf(info);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#looked = true;
    try {
      this.#read(info);
      this.#error = "";
    } catch (error) {
      this.#error = describeError(error);
    }
    this.#changed();
  }

  #read(info: FileInfo | null): void {
    const text = info === null ? null : this.#options.files.readText(this.#options.path, STATIC_BYTES_MAX);
    if (text === null) {
      throw new RetriableError(
        "STATIC_CONTAINER_INFO",
        `Static container info '${this.#options.path}' is not readable`,
      );
    }
    const next = new Map<string, Container>();
    for (const container of staticContainers(text, this.#options.defaults())) {
      const previous = this.#containers.get(container.id);
      next.set(container.id, previous && sameContainer(container, previous) ? previous : container);
    }
    this.#containers = next;
  }
}

function versionOf(info: FileInfo): string {
  return `${info.device}:${info.inode}:${info.sizeBytes}:${info.modifiedMs}`;
}
