import { printProblems } from "../config/print_problems.ts";
import { hasErrors } from "../config/problem.ts";
import { describeError } from "../core/errors.ts";
import { EXIT } from "./exit_codes.ts";
import { missingPermissions } from "./missing_permissions.ts";
import type { CliOptions } from "./options.ts";
import type { CliWorld } from "./world.ts";

/** `denotail run` and `denotail start`: runs until a signal. The exit code. */
export async function run(options: CliOptions, world: CliWorld): Promise<number> {
  if (!isPermitted(options, "run", world)) return EXIT.failed;
  try {
    const agent = await world.makeAgent(options, "run");
    const { problems } = await agent.load();
    if (problems.length > 0) {
      const closing = hasErrors(problems) ? "files with errors do not run, the others do" : "";
      world.printError(printProblems(problems, closing));
    }
    // A signal that came while loading: what is open is closed, nothing is begun.
    if (!world.stopRequested) agent.start();
    await Promise.race([world.stopAsked, agent.over]);
    await agent.stop();
    return EXIT.ok;
  } catch (error) {
    return failed(error, world);
  }
}

/** `denotail validate`: the same code up to where reading would begin. The exit code. */
export async function validate(options: CliOptions, world: CliWorld): Promise<number> {
  if (!isPermitted(options, "validate", world)) return EXIT.failed;
  try {
    const agent = await world.makeAgent(options, "validate");
    const { problems } = await agent.load();
    world.print(printProblems(problems));
    return hasErrors(problems) ? EXIT.config : EXIT.ok;
  } catch (error) {
    return failed(error, world);
  }
}

/** Says what permissions lack; false: nothing useful can be done without them. */
function isPermitted(options: CliOptions, purpose: "run" | "validate", world: CliWorld): boolean {
  const missing = missingPermissions(options, purpose, world.granted);
  if (missing.length > 0) {
    world.printError(printProblems(missing, hasErrors(missing) ? "nothing was started" : ""));
  }
  return !hasErrors(missing);
}

function failed(error: unknown, world: CliWorld): number {
  world.printError(`denotail: ${describeError(error)}\n`);
  return EXIT.failed;
}
