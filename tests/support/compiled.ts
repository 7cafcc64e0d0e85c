/**
 * The compiled binary of the checkout, made once for all test files, and the command that runs it as its container does:
 * with a root of its own that holds nothing but libraries, the binary, and what the DaemonSet mounts.
 */
import { projectRoot } from "./paths.ts";
import { exists, mustRun, removeFolder } from "./process.ts";
import { skipMark } from "./system.ts";
import { filesBelow, textOf } from "./tree.ts";

/** The runtime to compile with; empty: none, and suites of the compiled binary are skipped. */
export const denort = Deno.env.get("DENORT_BIN") ?? "";

/**
 * True where the binary can be compiled. Else says so: a skip, with `CI=true` too, since only a machine with a runtime
 * of Deno 2.4.2 can do it.
 */
export function canCompile(): boolean {
  if (denort !== "") return true;
  const skip = {
    reason: "DENORT_BIN names no runtime to compile with",
    remedy: "set it to the path of the denort of Deno 2.4.2 for this machine",
  };
  Deno.stderr.writeSync(new TextEncoder().encode(`${skipMark} ${JSON.stringify(skip)}\n`));
  return false;
}

/** The binary with these options of `deno task compile` (default: the DaemonSet's), from tests/.cache. */
export async function compiled(options: readonly string[] = ["--profile", "daemonset"]): Promise<string> {
  const cache = `${projectRoot}/tests/.cache/compiled`;
  const folder = `${cache}/${await digest(sources())}`;
  Deno.mkdirSync(folder, { recursive: true });
  const lock = await Deno.open(`${cache}/lock`, { create: true, write: true });
  // Several test processes may ask at once.
  await lock.lock(true);
  try {
    sweep(cache, folder);
    const out = `${folder}/denotail-${await digest(options)}`;
    if (!exists(out)) {
      const script = `${projectRoot}/build/compile.ts`;
      const args = [Deno.execPath(), "run", "-A", "--quiet", script, ...options, "--out", `${out}.new`];
      await mustRun(args, { cwd: projectRoot, timeoutMs: 300_000 });
      Deno.renameSync(`${out}.new`, out);
    }
    return out;
  } finally {
    lock.close();
  }
}

/** Removes binaries of older sources, save those that another test process may be running. */
function sweep(cache: string, current: string): void {
  for (const { name, isDirectory } of [...Deno.readDirSync(cache)]) {
    const path = `${cache}/${name}`;
    if (!isDirectory || path === current) continue;
    const ageMs = Date.now() - (Deno.statSync(path).mtime?.getTime() ?? 0);
    if (ageMs > 60 * 60_000) removeFolder(path);
  }
}

/** All that the binary is made of. */
function sources(): string[] {
  const files = [
    "main.ts",
    "worker.ts",
    "deno.json",
    "deno.lock",
    ...["src", "build", "vendor"].flatMap((name) => filesBelow(name)),
  ];
  return [...files.map((path) => `${path}\n${textOf(path)}`), String(Deno.statSync(denort).size)];
}

async function digest(texts: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(texts.join("\0"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What is mounted into the root. */
export interface RootMounts {
  /** An empty folder; what is mounted there is seen by the program only. */
  root: string;
  program: string;
  hostRoot: string;
  configDir: string;
  /** Absent: none is mounted. */
  checkpointDir?: string;
}

/**
 * The command line up to the program's own arguments: a mount namespace, the root in it (read-only as in the manifests,
 * the host's mounts received as with HostToContainer), and the program in the place of the shell.
 */
export function inContainerRoot(
  { root, program, hostRoot, configDir, checkpointDir = "" }: RootMounts,
): string[] {
  const script = `set -e
root=$1 program=$2 host=$3 config=$4 checkpoint=$5
shift 5
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir -p usr/local/bin usr/local/ilogtail/user_yaml_config.d usr/local/ilogtail/checkpoint etc/ssl proc dev var/run logtail_host tmp
for folder in lib lib64 usr/lib usr/lib64; do
  if [ -L "/$folder" ]; then ln -s "$(readlink "/$folder")" "$folder"
  elif [ -d "/$folder" ]; then mkdir -p "$folder"; mount --bind "/$folder" "$folder"; fi
done
for file in hosts resolv.conf nsswitch.conf; do if [ -f "/etc/$file" ]; then cp "/etc/$file" etc; fi; done
touch usr/local/bin/denotail
mount --bind "$program" usr/local/bin/denotail
mount --rbind /dev dev
mount -t proc proc proc
mount --rbind /run var/run
mount --rbind "$host" logtail_host
mount --make-rslave logtail_host
mount --bind "$config" usr/local/ilogtail/user_yaml_config.d
if [ -n "$checkpoint" ]; then mount --bind "$checkpoint" usr/local/ilogtail/checkpoint; fi
mount -o remount,ro "$root"
exec chroot "$root" /usr/local/bin/denotail "$@"`;
  const given = [root, program, hostRoot, configDir, checkpointDir];
  return ["unshare", "-m", "--propagation", "slave", "sh", "-c", script, "sh", ...given];
}
