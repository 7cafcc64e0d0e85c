/**
 * kustomize from its published Go module, built once into tests/.cache/kustomize, and what it makes of a folder below
 * k8s/. The version is the newest that the Go of Debian 12 (1.19) builds; `kubectl apply -k` of later versions reads
 * the same files.
 */
import { loadAll } from "js-yaml";
import { again } from "./again.ts";
import { fromFileUrl, projectRoot } from "./paths.ts";
import { exists, mustRun } from "./process.ts";

/** The version of the module sigs.k8s.io/kustomize/kustomize/v5. */
export const kustomizeVersion = "5.3.0";

/** Ten times what the build takes on two busy cores. */
const buildLimitMs = 8 * 60_000;

/** A Kubernetes object as YAML has it. */
// deno-lint-ignore no-explicit-any
export type Manifest = Record<string, any>;

/** Builds kustomize if it is not there yet; gives its path. Several processes may ask at once. */
export async function installKustomize(): Promise<string> {
  const folder = fromFileUrl(new URL(`../.cache/kustomize/${kustomizeVersion}`, import.meta.url));
  const program = `${folder}/bin/kustomize`;
  Deno.mkdirSync(folder, { recursive: true });
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  await lock.lock(true);
  try {
    if (!exists(program)) {
      const module = `sigs.k8s.io/kustomize/kustomize/v5@v${kustomizeVersion}`;
      // Debian's package of Go comes without a C compiler.
      const env = { GOBIN: `${folder}/bin`, CGO_ENABLED: "0" };
      await again(
        "the build of kustomize",
        () => mustRun(["go", "install", module], { env, timeoutMs: buildLimitMs }),
      );
    }
  } finally {
    lock.close();
  }
  return program;
}

/** Objects of `k8s/<folder>`, in kustomize's order. */
export async function buildManifests(folder: string): Promise<Manifest[]> {
  const kustomize = await installKustomize();
  return manifestsOf(await mustRun([kustomize, "build", `${projectRoot}/k8s/${folder}`]));
}

/** Objects of a text of YAML documents. */
export function manifestsOf(text: string): Manifest[] {
  return (loadAll(text) as (Manifest | null)[]).filter((document) => document !== null);
}

/** The one object of a kind and a name. */
export function manifest(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`No ${kind} '${name}'`);
  return found;
}
