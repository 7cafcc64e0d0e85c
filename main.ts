/**
 * The program. Signals first: the listeners stand before the slow imports. Then the command line does its work, and
 * nothing but this file ends the process.
 */
import { HostProcess } from "./src/host/process.ts";

const host = new HostProcess();

// An error on the way, a module that does not load for instance, must not look like a clean end: the guard against
// promises without an owner would let it pass with exit code 0.
host.exit(await main().catch((error) => host.failed(error)));

/** Imports the rest, slow as it is, and does what the command line asks for. Gives the exit code. */
async function main(): Promise<number> {
  const { hideEnvironment } = await import("./src/host/plain_env.ts");
  // Packages ask at their import for variables that the program may not read.
  hideEnvironment();
  const { runCommand } = await import("./src/cli/run_command.ts");
  const { makeAgent } = await import("./src/cli/make_agent.ts");
  const { VERSION } = await import("./src/cli/version.ts");
  const { PLUGINS } = await import("./src/plugins.ts");
  const { hostKit } = await import("./src/host/host_kit.ts");
  const { configureRe2 } = await import("./src/base/re2/compile.ts");
  const { systemClock } = await import("./src/host/clock.ts");
  // V8 cannot be asked for the second flag. Both are baked into the binary and given by the tasks, never one alone;
  // the first one is asked for before this counts.
  configureRe2({ v8LinearRescue: true, nowMs: systemClock.wallMs });
  const kit = hostKit(host);
  return await runCommand(host.args, VERSION, PLUGINS, {
    files: kit.files("/"),
    env: kit.env,
    granted: kit.granted,
    print: (text) => host.print(text),
    printError: (text) => host.printError(text),
    writeText: (path, text) => host.writeText(path, text),
    makeFolder: (path) => host.makeFolder(path),
    async examine(options) {
      const { examine } = await import("./src/cli/doctor/examine.ts");
      return await examine(options, kit, PLUGINS);
    },
    makeAgent: (options, purpose) => makeAgent(options, purpose, kit, PLUGINS),
    stopAsked: host.stopAsked,
    get stopRequested() {
      return host.stopRequested;
    },
  });
}
