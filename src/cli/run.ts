import { printProblems } from "../config/print_problems.ts";
import { hasErrors } from "../config/problem.ts";
import { describeError } from "../core/errors.ts";
import { EXIT } from "./exit_codes.ts";
import type { CliOptions } from "./options.ts";
import type { CliWorld } from "./world.ts";

/** `denotail run` and `denotail start`: runs until a signal. The exit code. */
export async function run(options: CliOptions, world: CliWorld): Promise<number> {
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
  try {
    const agent = await world.makeAgent(options, "validate");
    const { problems } = await agent.load();
    world.print(printProblems(problems));
    return hasErrors(problems) ? EXIT.config : EXIT.ok;
  } catch (error) {
    return failed(error, world);
  }
}

function failed(error: unknown, world: CliWorld): number {
  world.printError(`denotail: ${describeError(error)}\n`);
  return EXIT.failed;
}
