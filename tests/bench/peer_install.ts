/**
 * Agents of other projects, as Debian packages them. rsyslog and syslog-ng exclude each other as packages, and nobody
 * wants a bench to replace the machine's log daemon: the packages are unpacked below tests/.cache, not installed.
 */
import { fromFileUrl } from "../support/paths.ts";
import { exists, mustRun, removeFolder, run } from "../support/process.ts";
import { machine } from "../support/system.ts";

/** Names of the peers, kcat (the floor of a Kafka sender in C) among them. */
export const PEER_NAMES = ["rsyslog", "syslog-ng", "kcat"] as const;

export type PeerName = (typeof PEER_NAMES)[number];

/** A peer that can be started. */
export interface PeerInstall {
  /** The program. */
  program: string;
  /** Folders of its shared libraries beside the system's. */
  libraries: string;
  /** Folder of its modules. */
  modules: string;
  version: string;
}

/** Why there is none. */
export interface PeerLack {
  reason: string;
}

const PACKAGES: Readonly<Record<"rsyslog" | "syslog-ng", string[]>> = {
  "rsyslog": ["rsyslog", "rsyslog-kafka"],
  "syslog-ng": ["syslog-ng-core", "syslog-ng-mod-rdkafka"],
};

/** Finds a peer, or brings it. */
export async function installPeer(name: PeerName): Promise<PeerInstall | PeerLack> {
  try {
    // kcat is there: the bench reads topics with it.
    return name === "kcat" ? await kcat() : await unpacked(name);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : `${error}` };
  }
}

async function kcat(): Promise<PeerInstall> {
  const version = /Version (\S+)/.exec((await run(["kcat", "-V"])).stdout)?.[1] ?? "unknown";
  return { program: "kcat", libraries: "", modules: "", version };
}

async function unpacked(name: "rsyslog" | "syslog-ng"): Promise<PeerInstall> {
  const folder = fromFileUrl(new URL(`../.cache/peers/${name}`, import.meta.url));
  if (!exists(`${folder}/complete`)) await fetchPackages(name, folder);
  const [library] = [...Deno.readDirSync(`${folder}/root/usr/lib`)].map((entry) => entry.name)
    .filter((entry) => entry.endsWith("-linux-gnu"));
  const libraries = `${folder}/root/usr/lib/${library}`;
  const syslogNg = `${folder}/root/usr/lib/syslog-ng`;
  const modules = name === "rsyslog"
    ? `${libraries}/rsyslog`
    : `${syslogNg}/${[...Deno.readDirSync(syslogNg)].find((entry) => entry.isDirectory)!.name}`;
  const program = `${folder}/root/usr/sbin/${name === "rsyslog" ? "rsyslogd" : "syslog-ng"}`;
  const option = name === "rsyslog" ? ["-v"] : ["--version", `--module-path=${modules}`];
  const paths = `${libraries}:${folder}/root/lib/${library}:${syslogNg}`;
  const said = await mustRun([program, ...option], { env: { LD_LIBRARY_PATH: paths } });
  const version = /(\d+\.\d+[.\d]*)/.exec(said)?.[1] ?? "unknown";
  return { program, libraries: paths, modules, version };
}

/** Downloads the packages and those they need that the machine has not, and unpacks them. */
async function fetchPackages(name: "rsyslog" | "syslog-ng", folder: string): Promise<void> {
  const wanted = PACKAGES[name];
  if (!machine().apt) throw new Error(`no apt-get to bring '${wanted.join(" ")}'`);
  if (Deno.env.get("DENOTAIL_TEST_INSTALL") === "no") {
    throw new Error("DENOTAIL_TEST_INSTALL=no forbids downloading");
  }
  const plan = ["apt-get", "install", "-s", "--reinstall", "--no-install-recommends", ...wanted];
  let planned = await run(plan);
  if (planned.code !== 0 && machine().root) {
    await run(["apt-get", "update", "-qq"], { timeoutMs: 300_000 });
    planned = await run(plan);
  }
  const names = [...planned.stdout.matchAll(/^Inst (\S+)/gm)].map(([, found]) => found);
  if (planned.code !== 0 || !wanted.every((one) => names.includes(one))) {
    throw new Error(`the archive has no '${wanted.join(" ")}': ${planned.stderr.trim().slice(-200)}`);
  }
  removeFolder(folder);
  Deno.mkdirSync(`${folder}/deb`, { recursive: true });
  await mustRun(["apt-get", "download", "-qq", ...names], { cwd: `${folder}/deb`, timeoutMs: 300_000 });
  for (const { name: file } of Deno.readDirSync(`${folder}/deb`)) {
    await mustRun(["dpkg-deb", "-x", `${folder}/deb/${file}`, `${folder}/root`]);
  }
  Deno.writeTextFileSync(`${folder}/complete`, names.join("\n"));
}
