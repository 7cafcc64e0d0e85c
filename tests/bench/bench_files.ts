import { removeFolder } from "../support/process.ts";
import { type BenchContainer, containerFields } from "./bench_agent.ts";
import type { BenchCase } from "./bench_cases.ts";
import { expectedFields, fileText, LINES_PER_EVENT, writeLines } from "./bench_data.ts";

/** The log files of a workload, shared by all of its runs. */
export class BenchFiles {
  readonly #one: BenchCase;
  /** Where they are. */
  readonly folder: string;
  readonly containers: BenchContainer[] = [];
  /** Events in all of them together. */
  readonly events: number;
  /** Bytes of all of them. */
  bytes = 0;

  /** Makes them. `empty`: someone else writes them while the agent runs. */
  constructor(scratch: string, one: BenchCase, lines: number, empty = false) {
    this.#one = one;
    this.folder = `${scratch}/files-${one.kind}-${one.files}`;
    this.events = Math.floor(lines / LINES_PER_EVENT[one.kind]);
    Deno.mkdirSync(this.folder, { recursive: true });
    for (let file = 0; file < one.files; file++) {
      const logPath = `${this.folder}/${file}.log`;
      if (empty) Deno.writeTextFileSync(logPath, "");
      else this.bytes += writeLines(logPath, one.kind, this.#from(file), this.#from(file + 1));
      const pod = `nginx-76d49876c7-${file.toString(36).padStart(5, "r")}`;
      this.containers.push({ id: `${file}`.padStart(64, "c0ffee"), name: "nginx", pod, logPath });
    }
  }

  #from(file: number): number {
    return Math.floor(this.events * file / this.#one.files);
  }

  /** Number of the file that event `n` is in. */
  fileOf(n: number): number {
    return Math.floor((n + 1) * this.#one.files / this.events - 1e-9);
  }

  /** Fields that event `n` must have, in order; `file` where the files were written in another order. */
  expected(n: number, file = this.fileOf(n)): [string, string][] {
    const { kind, step } = this.#one;
    const fields = expectedFields(kind, step, n);
    const { logPath } = this.containers[file];
    if (kind === "plain") {
      const path = ["__tag__:__path__", logPath], user = ["__tag__:__user_defined_id__", "default"];
      return [path, user, ...fields] as [string, string][];
    }
    // The container's fields stand behind `_source_`.
    const at = fields.findIndex(([key]) => key === "_source_") + 1;
    return [...fields.slice(0, at), ...containerFields(this.containers[file]), ...fields.slice(at)];
  }

  /** What an average line of a file takes, from a sample. */
  get bytesPerEvent(): number {
    const text = Array.from({ length: 1000 }, (_, n) => fileText(this.#one.kind, n)).join("");
    return new TextEncoder().encode(text).length / 1000;
  }

  remove(): void {
    removeFolder(this.folder);
  }
}
