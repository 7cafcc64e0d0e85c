/**
 * Fetches and builds what the suites would fetch and build one after another on a new machine: packages of the system,
 * Kafka's jars, kustomize, schemas, the compiled binary, base images. The runner does it while the unit tests run. What
 * fails here is tried again, and reported, by the suite that needs it.
 */
import { compiled, denort } from "./compiled.ts";
import { denoArchive } from "./image_bases.ts";
import { installKafka } from "./kafka_install.ts";
import { schemaProblems } from "./kubernetes_schema.ts";
import { installKustomize } from "./kustomize.ts";
import { need } from "./system.ts";

// Where packages stay missing, some suites are skipped, and the others fetch for themselves.
const ready = await need("kafka", "docker", "containerd", "curl", "kustomize").catch(() => false);

const jobs: Record<string, () => Promise<unknown>> = !ready ? {} : {
  "Kafka": installKafka,
  "kustomize": installKustomize,
  "schemas of Kubernetes": () => schemaProblems([]),
  ...(denort === ""
    ? {}
    : { "the compiled binary": () => compiled(), "base images": () => denoArchive(denort) }),
};

for (const [what, job] of Object.entries(jobs)) {
  const began = performance.now();
  const outcome = await job().then(() => "ready", (error: Error) => `failed: ${error.message}`);
  const seconds = Math.round((performance.now() - began) / 1000);
  Deno.stdout.writeSync(new TextEncoder().encode(`   fetched: ${what}: ${outcome} (${seconds} s)\n`));
}
