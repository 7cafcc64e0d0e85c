/**
 * containerd 2 from its published Go modules, built once with `go install` into tests/.cache/containerd. Only the
 * by-hand suite `deno task test:containerd2` asks for it: the build takes minutes of CPU.
 */
import { fromFileUrl } from "./paths.ts";
import { exists, mustRun } from "./process.ts";

/** The version that the by-hand suite builds, as `Version` of its CRI begins. */
export const containerd2Version = "2.4.2";

const programs = ["containerd", "containerd-shim-runc-v2", "ctr"];

/** Ten times what the build takes on two busy cores. */
const buildLimitMs = 40 * 60_000;

/** Builds the programs if they are not there yet; gives their folder. Several processes may ask at once. */
export async function installContainerd2(): Promise<string> {
  const folder = fromFileUrl(new URL(`../.cache/containerd/${containerd2Version}`, import.meta.url));
  const bin = `${folder}/bin`;
  Deno.mkdirSync(bin, { recursive: true });
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  await lock.lock(true);
  try {
    if (!exists(`${folder}/complete`)) {
      const module = "github.com/containerd/containerd/v2/cmd";
      const wanted = programs.map((program) => `${module}/${program}@v${containerd2Version}`);
      await mustRun(["go", "install", ...wanted], { env: { GOBIN: bin }, timeoutMs: buildLimitMs });
      Deno.writeTextFileSync(`${folder}/complete`, containerd2Version);
    }
  } finally {
    lock.close();
  }
  return bin;
}
