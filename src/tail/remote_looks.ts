import type { Files, PathView } from "../core/host.ts";

/** Whether a path is on a remote mount is asked anew this often: mounts come and go, and it costs a search among them. */
const REMOTE_AGE_MS = 30_000;
/** Questions to servers that are open at the same time; further paths wait for their turn. */
const REMOTE_LOOKS_MAX = 8;

/** What is known of the way to a path. */
export class Reach {
  /** Where it is on the host, if that is a remote file system. */
  remotePath: string | null = null;
  checkedMs = -Infinity;
  /** A question is open, or waits for its turn. */
  asked = false;
}

/**
 * Looking at a path of a server that stands still would stop everything, because looks are made on the one thread. So
 * the server is asked for the path on another thread first, and looked at as soon as it answered.
 */
export class RemoteLooks {
  readonly #files: Files;
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(files: Files) {
    this.#files = files;
  }

  /** Whether `look` has to wait: then it is called as soon as the server answered. */
  putOff(reach: Reach, view: PathView, path: string, nowMs: number, look: () => void): boolean {
    if (this.#files.touch === undefined) return false;
    if (nowMs - reach.checkedMs >= REMOTE_AGE_MS) {
      reach.checkedMs = nowMs;
      const place = view.candidates(path)[0]?.path;
      reach.remotePath = place !== undefined && this.#files.isRemote(place) ? place : null;
    }
    if (reach.remotePath === null) return false;
    if (!reach.asked) this.#ask(reach, reach.remotePath, look);
    return true;
  }

  #ask(reach: Reach, hostPath: string, look: () => void): void {
    reach.asked = true;
    const ask = () => {
      this.#open++;
      this.#files.touch!(hostPath).then(() => {
        reach.asked = false;
        this.#open--;
        this.#waiting.shift()?.();
        look();
      });
    };
    if (this.#open < REMOTE_LOOKS_MAX) ask();
    else this.#waiting.push(ask);
  }
}
