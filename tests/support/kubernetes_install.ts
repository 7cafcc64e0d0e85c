/**
 * Kubernetes from its published Go modules, built once into tests/.cache/kubernetes. Only the by-hand suite
 * `deno task test:cluster` asks for it: the build takes minutes of CPU.
 */
import { fromFileUrl } from "./paths.ts";
import { exists, mustRun } from "./process.ts";

/** The version that the by-hand suite builds. */
export const kubernetesVersion = "1.37.2";

/** Each of them is `cmd/<name>` of the module. */
const programs = ["kubectl", "kube-apiserver", "kubelet", "kube-controller-manager", "kube-scheduler"];

/** Five times what the slowest one takes on two busy cores. */
const buildLimitMs = 40 * 60_000;

/** Builds the programs that are not there yet; gives their folder. Several processes may ask at once. */
export async function installKubernetes(say: (line: string) => void = () => {}): Promise<string> {
  const folder = fromFileUrl(new URL(`../.cache/kubernetes/${kubernetesVersion}`, import.meta.url));
  const bin = `${folder}/bin`;
  Deno.mkdirSync(bin, { recursive: true });
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  await lock.lock(true);
  try {
    const missing = programs.filter((program) => !exists(`${bin}/${program}`));
    if (missing.length > 0) await writeModule(`${folder}/module`);
    for (const program of missing) {
      say(`building ${program} ${kubernetesVersion}`);
      await build(`${folder}/module`, program, bin);
    }
  } finally {
    lock.close();
  }
  return bin;
}

/**
 * The module of Kubernetes takes its own libraries from a folder beside it, which a published module cannot have. A
 * module around it takes their published versions instead.
 */
async function writeModule(folder: string): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  const wanted = `k8s.io/kubernetes@v${kubernetesVersion}`;
  const { GoMod } = JSON.parse(await mustRun(["go", "mod", "download", "-json", wanted]));
  const text = Deno.readTextFileSync(GoMod);
  const libraries = [...text.matchAll(/^\s*(k8s\.io\/[\w-]+) => \.\/staging\//gm)].map((found) => found[1]);
  const version = `v${kubernetesVersion.replace(/^1\./, "0.")}`;
  const lines = [
    "module denotail.example.com/kubernetes",
    /^go .*$/m.exec(text)![0],
    "godebug default=" + /^go (\d+\.\d+)/m.exec(text)![1].replace(/^/, "go"),
    `require k8s.io/kubernetes v${kubernetesVersion}`,
    "replace (",
    ...libraries.map((library) => `${library} => ${library} ${version}`),
    ")",
  ];
  Deno.writeTextFileSync(`${folder}/go.mod`, lines.join("\n") + "\n");
}

async function build(module: string, program: string, bin: string): Promise<void> {
  const [major, minor] = kubernetesVersion.split(".");
  const stamps = { gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(stamps).map(([name, value]) =>
    `-X k8s.io/component-base/version.${name}=${value}`
  );
  const target = ["-o", `${bin}/${program}.part`, `k8s.io/kubernetes/cmd/${program}`];
  const command = ["go", "build", "-mod=mod", "-p", "2", "-ldflags", `-s -w ${flags.join(" ")}`, ...target];
  await mustRun(["nice", "-n", "10", ...command], { cwd: module, timeoutMs: buildLimitMs });
  Deno.renameSync(`${bin}/${program}.part`, `${bin}/${program}`);
}
