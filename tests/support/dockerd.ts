/**
 * A real dockerd in a namespace of its own: data, sockets, bridge and control groups are the test's.
 *
 * Inside, its socket is the usual `/run/docker.sock`; {@linkcode TestDocker.socket} is the same from outside.
 */
import { again } from "./again.ts";
import { busyboxImage, type ImageRecipe, writeImages } from "./images.ts";
import {
  freeSubnet,
  type InsideProcess,
  type Namespace,
  startNamespace,
  sweepLeftovers,
} from "./namespace.ts";
import { logTail, mustRun, patienceMs, run, type RunResult, waitFor } from "./process.ts";
import { findProgram } from "./system.ts";

/** One container. */
export interface DockerRun {
  name?: string;
  /** Tag of a loaded image. */
  image: string;
  labels?: Record<string, string>;
  env?: Record<string, string>;
  entrypoint?: string;
  cmd?: string[];
  /** Host folder or file -> path in the container; `:ro` may follow. */
  mounts?: Record<string, string>;
  /** `bridge` (default, the test's own), `host` or `none`. */
  network?: string;
  /** e.g. `{"max-size": "10k", "max-file": "3"}`. */
  logOptions?: Record<string, string>;
  /** Log driver; default json-file. */
  logDriver?: string;
  /** More arguments of `docker run`. */
  more?: string[];
}

/** The parts of `docker inspect` that tests use; everything else is there too. */
export interface DockerInspect {
  Id: string;
  Name: string;
  LogPath: string;
  State: { Pid: number; Status: string; StartedAt: string; ExitCode: number };
  GraphDriver: { Data: { UpperDir: string; MergedDir: string } };
  NetworkSettings: { IPAddress: string; Networks: Record<string, { IPAddress: string }> };
  // deno-lint-ignore no-explicit-any
  [more: string]: any;
}

/** Starts dockerd, in `namespace` if given, and waits until it answers (1 to 3 s). Loads busybox. */
export async function startDockerd(options: { namespace?: Namespace } = {}): Promise<TestDocker> {
  await sweepLeftovers();
  const namespace = options.namespace ?? await startNamespace();
  const docker = new TestDocker(namespace, options.namespace === undefined);
  await docker.makeBridge();
  await docker.startDaemon();
  await docker.load(await busyboxImage());
  return docker;
}

/** See {@linkcode startDockerd}. */
export class TestDocker {
  private daemon: InsideProcess | undefined;
  private readonly data: string;

  constructor(readonly namespace: Namespace, private readonly ownsNamespace: boolean) {
    this.data = `${namespace.folder}/tmp/docker`;
  }

  /** The API's unix socket, for clients outside. */
  get socket(): string {
    return this.namespace.outside("/run/docker.sock");
  }

  /** The same for clients inside, e.g. the agent. */
  readonly socketInside = "/run/docker.sock";

  private get bridge(): string {
    return this.namespace.bridges[0];
  }

  /** A bridge with a subnet of its own, so that containers have addresses without any firewall rule. */
  async makeBridge(): Promise<void> {
    const bridge = this.bridge;
    await this.namespace.mustRun(["ip", "link", "add", bridge, "type", "bridge"]);
    await this.namespace.mustRun(["ip", "addr", "add", `${await freeSubnet()}.1/24`, "dev", bridge]);
    await this.namespace.mustRun(["ip", "link", "set", bridge, "up"]);
  }

  /** Starts the daemon (again); containers and images of before are there. */
  async startDaemon(): Promise<void> {
    const config = `${this.data}/daemon.json`;
    Deno.mkdirSync(this.data, { recursive: true });
    Deno.writeTextFileSync(config, "{}");
    const folders = [
      "--data-root",
      `${this.data}/data`,
      "--exec-root",
      "/run/docker-exec",
      "-p",
      "/run/docker.pid",
    ];
    const network = ["--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false"];
    const names = ["--bridge", this.bridge, "--cgroup-parent", `/${this.namespace.uniqueName}`];
    const more = ["--live-restore=false", "--storage-driver=overlay2", "--userland-proxy=false"];
    const program = findProgram("dockerd") ?? "dockerd";
    const socket = ["-H", `unix://${this.socketInside}`];
    const command = [program, "--config-file", config, ...folders, ...network, ...names, ...more, ...socket];
    // It ends by itself when its own containerd takes more than 15 s to come up.
    await again("dockerd's start", async () => {
      await this.namespace.run(["rm", "-f", "/run/docker.pid", "/run/docker.sock"]);
      const daemon = this.daemon = await this.namespace.start(command);
      await waitFor("dockerd", async () => {
        if (!daemon.alive()) throw new Error(`dockerd ended at its start:\n${logTail(daemon.logFile)}`);
        return (await this.cli(["version"])).code === 0;
      }, { timeoutMs: 2 * patienceMs, everyMs: 100 });
    });
  }

  /** Stops the daemon; its containers end with it, as without live-restore. */
  async stopDaemon(): Promise<void> {
    await this.daemon?.stop(30_000);
    this.daemon = undefined;
  }

  /** Stands the daemon still: its socket takes connections and answers nothing. */
  freeze(): void {
    this.daemon?.signal("SIGSTOP");
  }

  /** Lets a frozen daemon go on. */
  thaw(): void {
    this.daemon?.signal("SIGCONT");
  }

  /** Runs the docker command against this daemon. */
  cli(args: string[], stdin?: string): Promise<RunResult> {
    return run([...this.client(), ...args], { stdin });
  }

  private client(): string[] {
    // The distribution's client first: it has the daemon's version.
    return [findProgram("/usr/bin/docker") ?? "docker", "-H", `unix://${this.socket}`];
  }

  private mustCli(args: string[]): Promise<string> {
    return mustRun([...this.client(), ...args]);
  }

  /** Builds an image and loads it. */
  async load(recipe: ImageRecipe): Promise<void> {
    const [path] = await writeImages(`${this.namespace.folder}/images`, [recipe]);
    await this.mustCli(["load", "-q", "-i", path]);
  }

  /** Builds the Dockerfile of a folder with BuildKit, without a network. */
  async build(wanted: { context: string; tag: string; args: Record<string, string> }): Promise<void> {
    const args = Object.entries(wanted.args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const build = ["build", "--network", "none", "--progress", "plain", "-t", wanted.tag, ...args];
    await mustRun([...this.client(), ...build, wanted.context], {
      env: { DOCKER_BUILDKIT: "1" },
      timeoutMs: 300_000,
    });
  }

  /** Starts a container in the background; gives its full id. */
  async run(wanted: DockerRun): Promise<string> {
    const pairs = (flag: string, values: Record<string, string> | undefined, between: string) =>
      Object.entries(values ?? {}).flatMap(([key, value]) => [flag, `${key}${between}${value}`]);
    const args = ["run", "-d", "--pull", "never", "--network", wanted.network ?? "bridge"];
    if (wanted.name) args.push("--name", wanted.name);
    if (wanted.entrypoint) args.push("--entrypoint", wanted.entrypoint);
    if (wanted.logDriver) args.push("--log-driver", wanted.logDriver);
    args.push(...pairs("--label", wanted.labels, "="), ...pairs("--env", wanted.env, "="));
    args.push(...pairs("--volume", wanted.mounts, ":"), ...pairs("--log-opt", wanted.logOptions, "="));
    args.push(...wanted.more ?? [], wanted.image, ...wanted.cmd ?? []);
    return (await this.mustCli(args)).trim();
  }

  /** `docker inspect`. Paths in it are the inside's; data lie at the same path outside. */
  async inspect(container: string): Promise<DockerInspect> {
    return JSON.parse(await this.mustCli(["inspect", container]))[0];
  }

  /** The json-file log, a path that is the same inside and outside. */
  async logPath(container: string): Promise<string> {
    return (await this.inspect(container)).LogPath;
  }

  /** Runs a command in the container; the exit code is the command's. */
  exec(container: string, command: string[]): Promise<RunResult> {
    return this.cli(["exec", container, ...command]);
  }

  /** Stops a container; gives the milliseconds it took. */
  async stop(container: string, graceSeconds = 10): Promise<number> {
    const began = performance.now();
    await this.mustCli(["stop", "-t", String(graceSeconds), container]);
    return performance.now() - began;
  }

  /** Starts a stopped container again. */
  async start(container: string): Promise<void> {
    await this.mustCli(["start", container]);
  }

  /** Removes a container, running or not. */
  async remove(container: string): Promise<void> {
    await this.mustCli(["rm", "-f", "-v", container]);
  }

  /** Removes all containers, stops the daemon and (if it is this one's own) ends the namespace. */
  async teardown(): Promise<void> {
    const ids = (await this.cli(["ps", "-aq"])).stdout.trim().split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.cli(["rm", "-f", "-v", ...ids]);
    await this.stopDaemon();
    if (this.ownsNamespace) await this.namespace.end();
    else await this.namespace.run(["ip", "link", "del", this.bridge]);
  }
}
