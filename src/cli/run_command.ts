import { describeError } from "../core/errors.ts";
import type { Plugin } from "../core/plugin.ts";
import { parseCommandLine } from "./command_line.ts";
import { defaultPipelines } from "./default_pipelines.ts";
import { EXIT } from "./exit_codes.ts";
import { START_DEFAULTS } from "./start_defaults.ts";
import { type CliOptions, type FlagTexts, readCliOptions } from "./options.ts";
import { run, validate } from "./run.ts";
import type { CliWorld } from "./world.ts";

/**
 * Does what a command line asks for and gives the exit code. `plugins` are all there are. What the agent itself does not
 * need is loaded by the command that does.
 */
export async function runCommand(
  args: readonly string[],
  version: string,
  plugins: readonly Plugin[],
  world: CliWorld,
): Promise<number> {
  const asked = parseCommandLine(args, version);
  switch (asked.kind) {
    case "text":
      world.print(asked.text);
      return EXIT.ok;
    case "usage":
      world.printError(asked.text);
      return EXIT.usage;
    case "docs":
      return await writePages(asked.folder, plugins, world);
    default: {
      const options = readOptions(asked.kind, asked.flags, world);
      if (options === null) return EXIT.usage;
      if (asked.kind === "doctor") {
        const { doctor } = await import("./doctor/doctor.ts");
        return await doctor(options, world);
      }
      return asked.kind === "validate" ? await validate(options, world) : await run(options, world);
    }
  }
}

/** The compiled program may write nowhere but to its own folders, and says so. */
async function writePages(folder: string, plugins: readonly Plugin[], world: CliWorld): Promise<number> {
  const { referencePages } = await import("./docs.ts");
  try {
    for (const page of referencePages(plugins)) world.writeText(`${folder}/${page.name}`, page.text);
    return EXIT.ok;
  } catch (error) {
    world.printError(`denotail: '${folder}' cannot be written: ${describeError(error)}\n`);
    return EXIT.failed;
  }
}

function readOptions(
  kind: "run" | "validate" | "doctor" | "start",
  flags: FlagTexts,
  world: CliWorld,
): CliOptions | null {
  const { options, errors, warnings } = readCliOptions(flags, {
    env: world.env,
    isFolder: (path) => world.files.stat(path)?.kind === "folder",
  }, kind === "start" ? START_DEFAULTS : {});
  for (const warning of warnings) world.printError(`warning: ${warning}\n`);
  for (const error of errors) world.printError(`error: ${error}\n`);
  if (errors.length > 0) return null;
  return kind === "start" ? startOptions(options, flags, world) : options;
}

/** `start` makes its own checkpoint folder; where it cannot, it goes on without. */
function startOptions(options: CliOptions, flags: FlagTexts, world: CliWorld): CliOptions {
  let { checkpointDir } = options;
  if (checkpointDir !== null && !world.makeFolder(checkpointDir)) {
    world.printError(
      `warning: '${checkpointDir}' cannot be made here, so progress is not saved; see --checkpoint\n`,
    );
    checkpointDir = null;
  }
  // With a config folder of its own, `start` is `run` with other defaults.
  const ownFolder = flags.configDir !== undefined || (world.env("DENOTAIL_CONFIG_DIR") ?? "") !== "";
  const embedded = ownFolder ? null : defaultPipelines(world.env);
  return { ...options, checkpointDir, embedded, reports: options.logFormat === "text" };
}
