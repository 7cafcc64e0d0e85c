import type { AgentOptions } from "../config/agent_options.ts";
import { describeError } from "../core/errors.ts";
import { printProblems } from "../config/print_problems.ts";
import { hasErrors } from "../config/problem.ts";
import { EXIT } from "./exit_codes.ts";
import type { CliWorld } from "./world.ts";

/** `denotail run` and `denotail start`: runs until a signal. The exit code. */
export async function run(options: AgentOptions, world: CliWorld): Promise<number> {
  let agent;
  try {
    agent = await world.makeAgent(options);
    const problems = await agent.load();
    if (problems.length > 0) {
      const closing = hasErrors(problems) ? "files with errors do not run, the others do" : "";
      world.printError(printProblems(problems, closing));
    }
  } catch (error) {
    return failed(error, world);
  }
  const ended = agent.run().then(() => null, (error: unknown) => ({ error }));
  const failure = await Promise.race([ended, world.stopAsked.then(() => null)]);
  if (failure !== null) {
    await agent.stop().catch(() => "deadline" as const);
    return failed(failure.error, world);
  }
  try {
    await agent.stop();
  } catch (error) {
    return failed(error, world);
  }
  const late = await ended;
  return late === null ? EXIT.ok : failed(late.error, world);
}

/** `denotail validate`: the same code up to where reading would begin. The exit code. */
export async function validate(options: AgentOptions, world: CliWorld): Promise<number> {
  try {
    const agent = await world.makeAgent(options);
    const problems = await agent.load();
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
