import type { Granted } from "../../core/grants.ts";
import { missingPermissions } from "../missing_permissions.ts";
import type { CliOptions } from "../options.ts";
import { fault, type Finding, well, wrong } from "./finding.ts";

/** One finding per permission of Deno that the options need and the program has not; `everyone` suffers from vital ones. */
export function checkGrants(
  options: CliOptions,
  granted: Granted,
  everyone: readonly string[],
): readonly Finding[] {
  const missing = missingPermissions(options, "run", granted);
  if (missing.length === 0) return [well("grants", "the program may do what the options need")];
  return missing.map(({ level, file, message, help = "" }) =>
    level === "error"
      ? wrong("grants", `${message} ('${file}')`, everyone, [help])
      : fault("grants", `${message} ('${file}')`, [], [help])
  );
}
