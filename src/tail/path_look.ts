import type { FileInfo } from "../core/host.ts";
import type { FollowSpec } from "../core/tailing.ts";
import type { TailShared } from "./tail_shared.ts";

/** How often the links on the way to a path are looked at again. */
export const RESOLVE_EVERY_MS = 5_000;
/** The same for paths on which there were none: the walk costs ten times as much as a look at the file. */
const RESOLVE_PLAIN_EVERY_MS = 30_000;

/** Where one path leads, looked up again and again; why it cannot be read is said once. */
export class PathLook {
  readonly #spec: FollowSpec;
  readonly #path: string;
  readonly #shared: TailShared;
  #hostPath: string | null = null;
  #askedMs = -Infinity;
  #resolvedMs = -Infinity;
  #askedWhyMs = -Infinity;
  #refused = "";
  /** The path cannot be opened; until then it is not tried again. */
  deniedUntilMs = -Infinity;

  constructor(spec: FollowSpec, path: string, shared: TailShared) {
    this.#spec = spec;
    this.#path = path;
    this.#shared = shared;
  }

  /** Info of the file the path leads to now; resolves links again from time to time. */
  look(nowMs: number): FileInfo | null {
    const { files } = this.#shared;
    if (this.#hostPath === null || nowMs - this.#askedMs >= RESOLVE_EVERY_MS) {
      this.#askedMs = nowMs;
      if (!this.#isPlain() || nowMs - this.#resolvedMs >= RESOLVE_PLAIN_EVERY_MS) {
        this.#hostPath = files.resolve(this.#spec.view, this.#path)?.path ?? null;
        this.#resolvedMs = nowMs;
      }
    }
    if (this.#hostPath === null) {
      this.#sayWhyNot(nowMs);
      return null;
    }
    const info = files.lstat(this.#hostPath);
    if (info === null || info.kind === "link") this.#hostPath = null;
    return info !== null && info.kind === "file" ? info : this.#refuseOther(info);
  }

  /** The next look resolves the path anew. */
  forget(): void {
    this.#hostPath = null;
  }

  /** It could be opened: the next refusal is news. */
  opened(): void {
    this.#refused = "";
  }

  /** The path, or a file beside it, was not opened. */
  refuse(refusal: string, detail: string): void {
    if (refusal === "denied") this.deniedUntilMs = this.#shared.clock.monotonicMs() + RESOLVE_EVERY_MS;
    this.#say(refusal, detail);
  }

  /** Whether the path led to the only place it names, without links: what takes its place there is seen by looking. */
  #isPlain(): boolean {
    const places = this.#spec.view.candidates(this.#path);
    return places.length === 1 && places[0].path === this.#hostPath;
  }

  /** A path that leads nowhere is mostly a file that is not there yet; a link out of the view is named. */
  #sayWhyNot(nowMs: number): void {
    if (nowMs - this.#askedWhyMs < RESOLVE_EVERY_MS) return;
    this.#askedWhyMs = nowMs;
    const opened = this.#shared.files.open(this.#spec.view, this.#path);
    if ("refused" in opened) this.#say(opened.refused, opened.detail);
    else opened.file.close();
  }

  /** A FIFO, device or socket in the file's place: named once. */
  #refuseOther(info: FileInfo | null): null {
    if (info !== null && info.kind === "other") this.#say("not_regular", "Not a regular file");
    return null;
  }

  #say(refusal: string, detail: string): void {
    if (refusal === "missing" || refusal === this.#refused) return;
    this.#refused = refusal;
    this.#shared.refused(refusal, this.#spec.label, this.#path, detail);
  }
}
