import type { ContainerSnapshot, Discovery } from "../core/container.ts";
import type { Clock, Timer } from "../core/host.ts";
import { formatBytes, formatCount, plural } from "./people.ts";

/** How often what changed is said. */
const REPORT_EVERY_MS = 5_000;
/** What was found is said after this at the latest; a runtime that answers late is said when it answers. */
const FIRST_REPORT_MS = 2_000;

/** Messages of the own log that this report says in its own way. */
export const SAID_BY_REPORT: ReadonlySet<string> = new Set([
  "Agent started",
  "Agent stopped",
  "File is not read",
]);

/** What is reported of. All of it may be asked at any time. */
export interface ReportFacts {
  readonly discovery: Pick<Discovery, "current">;
  /** What is not read, by reason. */
  readonly refused: () => ReadonlyMap<string, { readonly count: number; readonly paths: readonly string[] }>;
  /** Open files by container, `host` for the host's. */
  readonly openFiles: () => ReadonlyMap<string, number>;
  readonly readBytes: () => number;
  readonly readRecords: () => number;
  /** Bytes read whose delivery is not settled. */
  readonly unsettledBytes: () => number;
  readonly backlogBytes: () => number;
}

/** Settings of the run that people should know. */
export interface ReportSettings {
  /** `standard output`, or brokers and topic. */
  readonly destination: string;
  /** `null`: progress is not saved. */
  readonly checkpointDir: string | null;
  readonly hostRoot: string;
  /** Whether the host's proc can be read below the host root. */
  readonly seesProc: boolean;
}

/** Tells the person at the terminal, on standard error, what `start` found, what it leaves out, and how far it is. */
export class StartReport {
  readonly #facts: ReportFacts;
  readonly #settings: ReportSettings;
  readonly #clock: Clock;
  readonly #print: (text: string) => void;
  /** Last text per topic: only what changed is said again. */
  readonly #said: Map<string, string> = new Map();
  #timer: Timer | null = null;

  constructor(facts: ReportFacts, settings: ReportSettings, clock: Clock, print: (text: string) => void) {
    this.#facts = facts;
    this.#settings = settings;
    this.#clock = clock;
    this.#print = print;
  }

  /** Says what is known before anything was looked at, and goes on until `stop`. */
  start(): void {
    const { destination, checkpointDir, hostRoot, seesProc } = this.#settings;
    this.#print("denotail collects the logs of this machine; Ctrl-C ends it\n");
    this.#line("events go to", destination);
    this.#line(
      "progress",
      checkpointDir === null
        ? "is not saved: the next start reads again"
        : `is saved in '${checkpointDir}'; the next start goes on from there`,
    );
    this.#line("host root", `'${hostRoot}'`);
    if (!seesProc) { for (const text of WITHOUT_PROC) this.#line("", text); }
    this.#timer = this.#clock.after(FIRST_REPORT_MS, () => this.#report());
  }

  /** The closing line. `unsettledBytes`: what was read and not acknowledged. */
  stop(unsettledBytes: number): void {
    this.#timer?.cancel();
    const { checkpointDir } = this.#settings;
    const again = unsettledBytes === 0
      ? "all of it acknowledged"
      : `${formatBytes(unsettledBytes)} of it not acknowledged, which the next start reads again`;
    const saved = checkpointDir === null ? "" : `; progress is in '${checkpointDir}'`;
    this.#print(`denotail ends: ${this.#amount()} read, ${again}${saved}\n`);
  }

  #report(): void {
    const snapshot = this.#facts.discovery.current();
    this.#changed("runtimes", this.#runtimes(snapshot), (text) => this.#line("containers", text));
    this.#changed("files", this.#files(), (text) => this.#line("files", text));
    for (const [reason, { count, paths }] of this.#facts.refused()) {
      const more = count > paths.length ? ", …" : "";
      const names = paths.map((path) => `'${path}'`).join(", ");
      const text = `${formatCount(count)} ${REFUSALS[reason] ?? reason}: ${names}${more}`;
      this.#changed(`refused ${reason}`, text, (said) => this.#line("not read", said));
    }
    this.#changed("progress", this.#progress(), (text) => this.#print(`denotail: ${text}\n`));
    this.#timer = this.#clock.after(REPORT_EVERY_MS, () => this.#report());
  }

  #runtimes({ runtimes, containers, complete }: ContainerSnapshot): string {
    const found = runtimes.filter(({ state }) => state !== "absent").map((runtime) => {
      const { kind, socket, state, error } = runtime;
      return `${kind} at ${socket}${state === "ok" ? "" : ` does not answer${error ? ` (${error})` : ""}`}`;
    });
    if (found.length === 0) {
      return complete
        ? `no runtime found; looked for ${runtimes.map(({ socket }) => socket).join(", ")}`
        : "looking for runtimes";
    }
    return `${found.join("; ")}: ${plural(containers.size, "container")}`;
  }

  #files(): string {
    const open = this.#facts.openFiles();
    const host = open.get("host") ?? 0;
    let inContainers = 0;
    for (const [label, files] of open) if (label !== "host") inContainers += files;
    const containers = open.size - (host > 0 ? 1 : 0);
    return `${plural(host, "file")} of the host followed, ${inContainers} of ${
      plural(containers, "container")
    }`;
  }

  #progress(): string {
    const { readBytes, unsettledBytes, backlogBytes } = this.#facts;
    const acknowledged = Math.max(0, readBytes() - unsettledBytes());
    return `${this.#amount()} read, ${formatBytes(acknowledged)} acknowledged, ${
      formatBytes(backlogBytes())
    } waiting`;
  }

  #amount(): string {
    return `${plural(this.#facts.readRecords(), "record")} (${formatBytes(this.#facts.readBytes())})`;
  }

  #changed(topic: string, text: string, say: (text: string) => void): void {
    if (this.#said.get(topic) === text) return;
    this.#said.set(topic, text);
    say(text);
  }

  #line(topic: string, text: string): void {
    this.#print(`  ${topic.padEnd(13)} ${text}\n`);
  }
}

/** Deno gives /proc to programs with all permissions only, but reads the host's below a mount. */
const WITHOUT_PROC: readonly string[] = [
  "is no mount of the host, and below '/' the program may not read /proc. Not recognised without it: root folders",
  "of containers that their runtime does not tell, remote file systems, denotail's own container. To have them,",
  "bind '/' to a folder (mount --bind / /logtail_host) and name it with --host-root",
];

/** Reasons of the tail in people's words. */
const REFUSALS: Readonly<Record<string, string>> = {
  binary: "binary",
  compressed: "compressed",
  denied: "without permission (another user, or a group such as adm, may read them)",
  not_regular: "no regular file (a FIFO, a socket or a device)",
  too_many_open: "the process may not have more files open",
  outside: "behind a link that leads out of its container",
  hard_link: "with several names, refused for safety",
  loop: "behind links that lead in a circle",
  pseudo: "made by the kernel, not a log",
  failed: "not readable for another reason",
  bad_name: "with a name that is not valid UTF-8",
  packed: "packed before it was read to its end while the agent was away",
  too_many: "pattern with too many files, the rest is left out",
};
