import type { CliWorld, RunnableAgent } from "../../src/cli/world.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import type { CliOptions } from "../../src/cli/options.ts";
import { loadFolder } from "../../src/config/load_folder.ts";
import type { FileInfo } from "../../src/core/host.ts";
import { TEST_PLUGINS } from "../config/test_plugins.ts";

/** A world of one config folder `/conf` and variables; what was printed can be read. */
export class TestWorld implements CliWorld {
  out = "";
  err = "";
  readonly written = new Map<string, string>();
  asked: CliOptions | null = null;
  /** What the agent does; a test may replace parts of it. */
  agent: Partial<RunnableAgent> = {};
  stopRequested = false;
  askStop: () => void = () => {};
  readonly stopAsked: Promise<void>;

  constructor(
    readonly texts: Record<string, string> = {},
    readonly variables: Record<string, string> = {},
    readonly folders: readonly string[] = [],
  ) {
    this.stopAsked = new Promise((resolve) => this.askStop = resolve);
  }

  /** `read /x`: what Deno does not permit. */
  readonly denied = new Set<string>();
  granted = (kind: string, what: string): boolean => !this.denied.has(`${kind} ${what}`);
  env = (name: string): string | undefined => this.variables[name];
  print(text: string): void {
    this.out += text;
  }
  printError(text: string): void {
    this.err += text;
  }
  writeText(path: string, text: string): void {
    this.written.set(path, text);
  }
  readonly made: string[] = [];
  canMake = true;
  makeFolder(path: string): boolean {
    this.made.push(path);
    return this.canMake;
  }
  readonly files = {
    list: (path: string) =>
      path === "/conf" ? Object.keys(this.texts).map((name) => ({ name, kind: "file" as const })) : null,
    stat: (path: string): FileInfo | null => {
      const kind = this.folders.includes(path) ? "folder" : "file";
      return kind === "folder" || this.files.readText(path) !== null
        ? { kind, sizeBytes: 1 } as FileInfo
        : null;
    },
    readText: (path: string) => this.texts[path.replace("/conf/", "")] ?? null,
  };

  /** What doctor finds. */
  findings: readonly Finding[] = [];
  examine(options: CliOptions): Promise<readonly Finding[]> {
    this.asked = options;
    return Promise.resolve(this.findings);
  }

  makeAgent(options: CliOptions): Promise<RunnableAgent> {
    this.asked = options;
    return Promise.resolve({
      load: () => Promise.resolve(loadFolder(options.configDir, TEST_PLUGINS, this)),
      start: () => {},
      over: new Promise(() => {}),
      stop: () => Promise.resolve("clean"),
      ...this.agent,
    });
  }
}
