import { projectRoot } from "./paths.ts";
import { mustRun } from "./process.ts";

/**
 * Runs a probe of `tests/support/` in a mount namespace of its own and gives what it printed, as JSON. `setup` is
 * shell that mounts below the scratch folder `$T`; the probe gets `$T` as its argument, and Deno's flags as given,
 * with `$T` in them replaced. All mounts are gone when the probe ends.
 */
export async function runInMounts<T>(
  scratch: string,
  setup: string,
  flags: string[],
  probe: string,
): Promise<T> {
  const script = `set -e
mount --make-rprivate /
T="$1"; shift
${setup}
exec "$@"`;
  const deno = [Deno.execPath(), "run", "--no-prompt", "--no-check", "--no-config"];
  const wanted = flags.map((flag) => flag.replaceAll("$T", scratch));
  const command = [...deno, ...wanted, `${projectRoot}/tests/support/${probe}`, scratch];
  const text = await mustRun(["unshare", "-m", "--", "sh", "-c", script, "sh", scratch, ...command]);
  return JSON.parse(text) as T;
}
