/**
 * The program. Signals first: the listeners stand before the slow imports. Then the command line does its work, and
 * nothing but this file ends the process.
 */
import { HostProcess } from "./src/host/process.ts";

const host = new HostProcess();
const { runCommand } = await import("./src/cli/run_command.ts");
const { VERSION } = await import("./src/cli/version.ts");
const { HostFiles } = await import("./src/host/files.ts");
const { systemClock } = await import("./src/host/clock.ts");
const { PLUGINS } = await import("./src/plugins.ts");

const world = {
  files: new HostFiles("/", systemClock),
  env: (name: string) => host.env(name),
  print: (text: string) => host.print(text),
  printError: (text: string) => host.printError(text),
  writeText: (path: string, text: string) => host.writeText(path, text),
  makeAgent: () => Promise.reject(new Error("not wired yet")),
  stopAsked: host.stopAsked,
  get stopRequested() {
    return host.stopRequested;
  },
};

host.exit(await runCommand(host.args, VERSION, PLUGINS, world));
