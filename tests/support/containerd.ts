/**
 * A real containerd with its CRI in a namespace of its own, and a kubelet-like driver on top.
 *
 * Inside, its socket is the usual `/run/containerd/containerd.sock`, pod logs lie in `/var/log/pods`.
 */
import { again } from "./again.ts";
import { containerd1Config, containerd2Config } from "./containerd_config.ts";
import { CriDriver } from "./cri_driver.ts";
import { busyboxImage, type ImageRecipe, pauseImage, writeImages } from "./images.ts";
import {
  freeSubnet,
  type InsideProcess,
  type Namespace,
  startNamespace,
  sweepLeftovers,
} from "./namespace.ts";
import { logTail, patienceMs, waitFor } from "./process.ts";
import { findProgram } from "./system.ts";

/** Environment name under which the by-hand suite names the folder of the containerd 2 to test with. */
export const containerd2Folder = "DENOTAIL_TEST_CONTAINERD2";

/** What {@linkcode startContainerd} may be told. */
export interface ContainerdOptions {
  /** Default: one of its own. */
  namespace?: Namespace;
  /** See {@linkcode ContainerdPlaces.registryHosts}. */
  registryHosts?: string;
  /** Its data lie where they lie on nodes; only for namespaces with a /var/lib of their own. Default: scratch folders. */
  usualFolders?: boolean;
}

/** Starts containerd, in `namespace` if given, and waits until its CRI answers. Loads busybox and the pause image. */
export async function startContainerd(options: ContainerdOptions = {}): Promise<TestContainerd> {
  await sweepLeftovers();
  const namespace = options.namespace ?? await startNamespace();
  const containerd = new TestContainerd(namespace, options.namespace === undefined, options);
  await containerd.configure(await freeSubnet());
  await containerd.startDaemon();
  await containerd.load(await pauseImage());
  await containerd.load(await busyboxImage());
  return containerd;
}

/** See {@linkcode startContainerd}. */
export class TestContainerd {
  private daemon: InsideProcess | undefined;
  /** Folder of a containerd 2 that stands in for the machine's (see containerd_install.ts); undefined: the machine's. */
  private readonly programs = Deno.env.get(containerd2Folder);
  /** `root` and `state` of containerd; the same path inside and outside, save with `usualFolders`. */
  readonly root: string;
  readonly state: string;
  /** Makes pods and containers. */
  readonly cri: CriDriver;

  constructor(
    readonly namespace: Namespace,
    private readonly ownsNamespace: boolean,
    private readonly options: ContainerdOptions = {},
  ) {
    const usual = options.usualFolders === true;
    this.root = usual ? "/var/lib/containerd" : `${this.folder}/root`;
    this.state = usual ? "/run/containerd" : `${this.folder}/state`;
    this.cri = new CriDriver(namespace, this.socket);
  }

  /** The unix socket for clients outside. */
  get socket(): string {
    return this.namespace.outside(this.socketInside);
  }

  /** The same for clients inside, e.g. the agent. */
  readonly socketInside = "/run/containerd/containerd.sock";

  private get folder(): string {
    return `${this.namespace.folder}/tmp/containerd`;
  }

  private get bridge(): string {
    return this.namespace.bridges[1];
  }

  /** Writes the configuration and the network of the pods. */
  async configure(subnet: string): Promise<void> {
    Deno.mkdirSync(`${this.folder}/net.d`, { recursive: true });
    await this.namespace.mustRun(["mkdir", "-p", "/run/containerd", "/var/log/pods", "/var/log/containers"]);
    Deno.writeTextFileSync(`${this.folder}/config.toml`, this.configText());
    const ipam = {
      type: "host-local",
      subnet: `${subnet}.0/24`,
      dataDir: `${this.folder}/cni-data`,
      routes: [{ dst: "0.0.0.0/0" }],
    };
    const plugin = { type: "bridge", bridge: this.bridge, isGateway: true, ipMasq: false, ipam };
    const network = { cniVersion: "0.4.0", name: "denotail-test", plugins: [plugin] };
    Deno.writeTextFileSync(`${this.folder}/net.d/10-test.conflist`, JSON.stringify(network));
  }

  private configText(): string {
    const places = {
      root: this.root,
      state: this.state,
      socket: this.socketInside,
      networks: `${this.folder}/net.d`,
      registryHosts: this.options.registryHosts,
    };
    if (this.programs === undefined) return containerd1Config(places);
    return containerd2Config(places, `${this.programs}/containerd-shim-runc-v2`);
  }

  /** A program of containerd's: the machine's own, or the one of the by-hand suite. */
  private program(name: string): string {
    return this.programs === undefined ? findProgram(name) ?? name : `${this.programs}/${name}`;
  }

  /** Starts the daemon (again). Containers live on through a restart. */
  async startDaemon(): Promise<void> {
    const command = [this.program("containerd"), "-c", `${this.folder}/config.toml`];
    await again("containerd's start", async () => {
      const daemon = this.daemon = await this.namespace.start(command);
      await waitFor("containerd's CRI", async () => {
        if (!daemon.alive()) throw new Error(`containerd ended at its start:\n${logTail(daemon.logFile)}`);
        return (await this.cri.call("Status", {}).catch(() => undefined)) !== undefined &&
          await this.networkReady();
      }, { timeoutMs: 2 * patienceMs, everyMs: 100 });
    });
  }

  /** Status{status=1{conditions=1{type=1, status=2}}}. */
  private async networkReady(): Promise<boolean> {
    const conditions = (await this.cri.call("Status", {})).nested(1).repeated(1);
    // containerd 2 has more conditions: the one without deprecation warnings is false under cgroup v1.
    const wanted = conditions.filter((condition) => /^(Runtime|Network)Ready$/.test(condition.text(1)));
    return wanted.length === 2 && wanted.every((condition) => condition.number(2) === 1);
  }

  /** Stops the daemon; containers go on running. */
  async stopDaemon(): Promise<void> {
    await this.daemon?.stop(30_000);
    this.daemon = undefined;
  }

  /** Kills the daemon; containers go on running. */
  async kill9Daemon(): Promise<void> {
    this.daemon?.signal("SIGKILL");
    await this.daemon?.ended();
    this.daemon = undefined;
  }

  /** {@linkcode stopDaemon} and {@linkcode startDaemon}. */
  async restartDaemon(): Promise<void> {
    await this.stopDaemon();
    await this.startDaemon();
  }

  /** Stands the daemon still: its socket takes connections and answers nothing. */
  freeze(): void {
    this.daemon?.signal("SIGSTOP");
  }

  /** Lets a frozen daemon go on. */
  thaw(): void {
    this.daemon?.signal("SIGCONT");
  }

  /** Builds an image and imports it where the CRI looks for images. */
  async load(recipe: ImageRecipe): Promise<void> {
    const [path] = await writeImages(`${this.namespace.folder}/images`, [recipe]);
    await this.ctr(["images", "import", "--no-unpack=false", path]).catch(() =>
      this.ctr(["images", "import", path])
    );
    // The CRI's list of images follows by events, a moment later.
    await waitFor(`image '${recipe.tag}'`, async () => {
      const answer = await this.cri.call("/runtime.v1.ImageService/ListImages", {});
      return answer.repeated(1).some((image) => image.text(2) === recipe.tag);
    });
  }

  /** Runs `ctr` in the CRI's namespace of containerd. */
  ctr(args: string[]): Promise<string> {
    return this.namespace.mustRun([this.program("ctr"), "-a", this.socketInside, "-n", "k8s.io", ...args]);
  }

  /** Removes all pods, stops the daemon and (if it is this one's own) ends the namespace. */
  async teardown(): Promise<void> {
    await this.cri.removeAllPods();
    await this.stopDaemon();
    await this.namespace.run(["ip", "link", "del", this.bridge]);
    if (this.ownsNamespace) await this.namespace.end();
  }
}
