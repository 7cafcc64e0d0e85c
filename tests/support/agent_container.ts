/** The agent's image, run as an operator runs it on a machine with Docker. */
import type { TestDocker } from "./dockerd.ts";
import { freePorts, type RunResult, waitFor } from "./process.ts";

/** What container to run. */
export interface ContainerOptions {
  docker: TestDocker;
  image: string;
  /** File stem -> YAML text. */
  pipelines: Record<string, string>;
  /** Default: the one that reading takes. */
  capabilities?: string[];
  /** Default: the image's, 0. */
  user?: number;
  env?: Record<string, string>;
  /** In place of the host's folders. */
  mounts?: Record<string, string>;
}

/** What an agent for a whole machine is given of it. */
export const HOST_MOUNTS = { "/": "/logtail_host:ro,rslave", "/var/run": "/var/run:ro" };

/** Flags of `docker run` that docs/image.md shows, too. */
export const LEAST_RIGHTS = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

let serial = 0;

/** See {@linkcode ContainerOptions}. Stop and start at will: it stays the same container. */
export class AgentContainer {
  readonly name = `denotail-${++serial}`;
  readonly folder: string;
  readonly metricsPort = freePorts(1)[0];
  private id: string | undefined;

  constructor(private readonly options: ContainerOptions) {
    this.folder = `${options.docker.namespace.folder}/container-${this.name}`;
    for (const name of ["config", "checkpoint"]) {
      Deno.mkdirSync(`${this.folder}/${name}`, { recursive: true });
    }
    this.writePipelines(options.pipelines);
  }

  /** Replaces all pipeline files; they count at the next start. */
  writePipelines(pipelines: Record<string, string>): void {
    const folder = `${this.folder}/config`;
    for (const entry of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${entry.name}`);
    for (const [stem, yaml] of Object.entries(pipelines)) {
      Deno.writeTextFileSync(`${folder}/${stem}.yaml`, yaml);
    }
  }

  /** Starts it, the first time with `docker run`. */
  async start(): Promise<void> {
    const { docker, image, env, user, mounts = HOST_MOUNTS } = this.options;
    if (this.id !== undefined) return await docker.start(this.id);
    const { capabilities = ["DAC_READ_SEARCH"] } = this.options;
    const more = [...LEAST_RIGHTS, ...capabilities.flatMap((name) => ["--cap-add", name])];
    if (user !== undefined) {
      more.push("--user", `${user}:${user}`);
      Deno.chownSync(`${this.folder}/checkpoint`, user, user);
    }
    this.id = await docker.run({
      name: this.name,
      image,
      network: "host",
      env,
      mounts: {
        ...mounts,
        [`${this.folder}/config`]: "/usr/local/ilogtail/user_yaml_config.d:ro",
        [`${this.folder}/checkpoint`]: "/usr/local/ilogtail/checkpoint",
      },
      more,
      cmd: ["run", `--metrics=127.0.0.1:${this.metricsPort}`],
    });
  }

  /** Waits until `/readyz` says 200; throws with the log when the container ends before. */
  async waitReady(): Promise<void> {
    await waitFor("the agent's container to be ready", async () => {
      if (!await this.running()) throw new Error("the agent's container ended at its start");
      return await this.readyz() === 200;
    }, { everyMs: 50 }).catch(async (error) => {
      throw new Error(`${error.message}:\n${await this.log()}`);
    });
  }

  /** `docker stop`; gives the exit code, 137 when the grace was over. */
  async stop(graceSeconds = 30): Promise<number> {
    await this.options.docker.stop(this.name, graceSeconds);
    return (await this.options.docker.inspect(this.name)).State.ExitCode;
  }

  /** What it says on standard error. */
  async log(): Promise<string> {
    return (await this.options.docker.cli(["logs", this.name])).stderr;
  }

  /** Runs the program once more inside of the container, as `kubectl exec` does it. */
  inside(...args: string[]): Promise<RunResult> {
    return this.options.docker.cli(["exec", this.name, "/usr/local/bin/denotail", ...args]);
  }

  /** Runs another container of the image to its end. */
  static once(docker: TestDocker, image: string, args: string[], more: string[] = []): Promise<RunResult> {
    const flags = ["--rm", "--pull", "never", "--network", "none", "--read-only", "--cap-drop", "ALL"];
    return docker.cli(["run", ...flags, ...more, image, ...args]);
  }

  async remove(): Promise<void> {
    if (this.id !== undefined) await this.options.docker.remove(this.id);
    this.id = undefined;
  }

  private async running(): Promise<boolean> {
    return (await this.options.docker.inspect(this.name)).State.Status === "running";
  }

  private async readyz(): Promise<number> {
    try {
      const url = `http://127.0.0.1:${this.metricsPort}/readyz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return 0;
    }
  }
}
