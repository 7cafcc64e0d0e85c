/** Checks objects against the schemas of Kubernetes, which the npm package kubernetes-models carries. */
import { again } from "./again.ts";
import type { Manifest } from "./kustomize.ts";
import { projectRoot } from "./paths.ts";
import { mustRun } from "./process.ts";

/** Package and version; its dependencies stand in kubernetes_schema.lock. */
const models = "kubernetes-models@5.1.0";

/**
 * Sentences about what an API server would refuse or ignore: wrong types, missing and unknown fields. Empty when all
 * is well.
 */
export async function schemaProblems(manifests: readonly Manifest[]): Promise<string[]> {
  const folder = `${projectRoot}/tests/support`;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-check", "--no-config"];
  const allowed = ["--allow-read", "--allow-env"];
  const lock = [`--lock=${folder}/kubernetes_schema.lock`, "--frozen"];
  const command = [...deno, ...lock, ...allowed, `${folder}/kubernetes_schema_probe.ts`, models];
  const folderOfInput = Deno.makeTempDirSync();
  try {
    const input = `${folderOfInput}/manifests.json`;
    Deno.writeTextFileSync(input, JSON.stringify(manifests));
    // The first time it fetches the package.
    return JSON.parse(await again("the check of schemas", () => mustRun([...command, input])));
  } finally {
    Deno.removeSync(folderOfInput, { recursive: true });
  }
}
