/**
 * The agent as the unit of examples/systemd runs it, on a machine without systemd: the unit's mounts made by hand in
 * a namespace, its capabilities, its command line, and the permissions of the profile `vm`.
 */
import { permissionFlags, v8Flag } from "../../build/deno_flags.ts";
import { grantsOf } from "../../src/cli/permissions.ts";
import type { InsideProcess, Namespace } from "./namespace.ts";
import { projectRoot } from "./paths.ts";
import { freePorts, logTail, waitFor } from "./process.ts";
import { textOf } from "./tree.ts";
import { parseUnit, settingOf, type UnitFile } from "./unit_file.ts";

/**
 * A root folder of its own, as systemd makes one: everything of the machine bound into it, and then the unit's own
 * mounts. `/etc` and `/var/lib` are layers on top of the machine's, so that nothing is made in those.
 */
const script = `set -e
T="$1"; FROM="$2"; TO="$3"; STATE="$4"; CAPS="$5"; shift 5
mount -t tmpfs tmpfs "$T/layers"
R="$T/layers/root"
mkdir "$R"
for path in /*; do
  if [ -L "$path" ]; then cp -P "$path" "$R$path"
  elif [ -d "$path" ]; then mkdir "$R$path"; mount --rbind "$path" "$R$path"
  fi
done
for path in /etc /var/lib; do
  mkdir -p "$T/layers/up$path" "$T/layers/work$path"
  mount -t overlay -o "lowerdir=$path,upperdir=$T/layers/up$path,workdir=$T/layers/work$path" overlay "$R$path"
done
mkdir -p "$R$TO" "$R/etc/denotail/pipelines" "$R$STATE"
mount --rbind "$FROM" "$R$TO"
mount -o remount,bind,ro "$R$TO"
mount --bind "$T/pipelines" "$R/etc/denotail/pipelines"
mount --bind "$T/state" "$R$STATE"
mount -o remount,ro "$T/layers"
exec chroot "$R" setpriv --no-new-privs --inh-caps=-all --bounding-set="-all$CAPS" "$@"`;

let serial = 0;

/** See the top of the file. Start and stop at will: folders and port stay the same. */
export class AgentUnit {
  readonly folder: string;
  readonly metricsPort: number = freePorts(1)[0];
  readonly #unit: UnitFile = parseUnit(textOf("examples/systemd/denotail.service"));
  readonly #namespace: Namespace;
  #process: InsideProcess | undefined;

  constructor(namespace: Namespace, pipelines: Record<string, string>) {
    this.#namespace = namespace;
    this.folder = `${namespace.folder}/unit-${++serial}`;
    for (const name of ["layers", "pipelines", "state"]) {
      Deno.mkdirSync(`${this.folder}/${name}`, { recursive: true });
    }
    this.writePipelines(pipelines);
  }

  /** Replaces all pipeline files; they count at the next start. */
  writePipelines(pipelines: Record<string, string>): void {
    const folder = `${this.folder}/pipelines`;
    for (const entry of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${entry.name}`);
    for (const [stem, yaml] of Object.entries(pipelines)) {
      Deno.writeTextFileSync(`${folder}/${stem}.yaml`, yaml);
    }
  }

  /** Starts it without waiting. */
  async start(): Promise<void> {
    const setting = (name: string) => settingOf(this.#unit, `Service.${name}`);
    const [from, to] = setting("BindReadOnlyPaths").split(":");
    const capabilities = setting("CapabilityBoundingSet").split(" ")
      .map((name) => `,+${name.replace("CAP_", "").toLowerCase()}`).join("");
    const [, ...args] = setting("ExecStart").split(" ");
    const flags = [...permissionFlags(grantsOf("vm"), Deno.version.deno), v8Flag()];
    const mounts = [this.folder, from, to, `/var/lib/${setting("StateDirectory")}`, capabilities];
    const cache = Deno.env.get("DENO_DIR");
    this.#process = await this.#namespace.start([
      ...["unshare", "-m", "--propagation", setting("MountFlags"), "sh", "-c", script, "sh", ...mounts],
      ...[Deno.execPath(), "run", ...flags, `${projectRoot}/main.ts`, ...args],
      `--metrics=127.0.0.1:${this.metricsPort}`,
    ], {
      clearEnv: true,
      env: {
        ...(cache === undefined ? {} : { DENO_DIR: cache }),
        NO_COLOR: "1",
        ...Object.fromEntries(setting("Environment").split(" ").map((pair) => pair.split("="))),
      },
    });
  }

  get #running(): InsideProcess {
    if (this.#process === undefined) throw new Error("BUG: the agent was not started");
    return this.#process;
  }

  /** Pid as seen from outside. */
  get pid(): number {
    return this.#running.pid;
  }

  /** Waits until `/readyz` says 200; throws with the log when the process ends before. */
  async waitReady(): Promise<void> {
    await waitFor("the agent to be ready", async () => {
      if (!this.#running.alive()) throw new Error("the agent ended at its start");
      return await this.#readyz() === 200;
    }, { everyMs: 20 }).catch((error) => {
      throw new Error(`${error.message}:\n${this.log}`);
    });
  }

  async #readyz(): Promise<number> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.metricsPort}/readyz`, {
        signal: AbortSignal.timeout(20_000),
      });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return 0;
    }
  }

  /** SIGTERM; gives the exit code. */
  stop(): Promise<number> {
    return this.#running.stop();
  }

  /** Ends it if it runs, for the end of a test. */
  async dispose(): Promise<void> {
    if (this.#process?.alive()) await this.#process.stop().catch(() => {});
  }

  /** Whole lines of its standard output so far: events of flusher_stdout. */
  get output(): string {
    const text = Deno.readTextFileSync(this.#running.outFile);
    return text.slice(0, text.lastIndexOf("\n") + 1);
  }

  /** The last lines of its own log. */
  get log(): string {
    return this.#process === undefined ? "(never started)" : logTail(this.#process.logFile, 40);
  }
}
