import { describeError } from "../../core/errors.ts";
import { EXIT } from "../exit_codes.ts";
import type { CliOptions } from "../options.ts";
import type { CliWorld } from "../world.ts";
import { printFindings } from "./print_findings.ts";

/** `denotail doctor`: a table of what is missing, with remedies. The exit code: 78 when something is wrong. */
export async function doctor(options: CliOptions, world: Pick<CliWorld, "examine" | "print" | "printError">) {
  try {
    const findings = await world.examine(options);
    world.print(printFindings(findings));
    return findings.some(({ state }) => state === "wrong") ? EXIT.config : EXIT.ok;
  } catch (error) {
    world.printError(`denotail: ${describeError(error)}\n`);
    return EXIT.failed;
  }
}
