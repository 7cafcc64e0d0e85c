import { type ConfigWorld, loadFolder } from "../../config/load_folder.ts";
import { hasErrors } from "../../config/problem.ts";
import type { Discovery } from "../../core/container.ts";
import { describeError } from "../../core/errors.ts";
import type { Plugin } from "../../core/plugin.ts";
import type { Log } from "../../core/telemetry.ts";
import type { CliOptions } from "../options.ts";
import { checkCheckpoint } from "./check_checkpoint.ts";
import { checkConfig, type ConfigLoaded } from "./check_config.ts";
import { checkHostRoot, checkPropagation } from "./check_host_root.ts";
import { checkRights } from "./check_rights.ts";
import { wrong } from "./finding.ts";
import { logFindings } from "./log_findings.ts";
import type { Machine } from "./machine.ts";
import { checkpointRemedy } from "./remedies.ts";
import { RuntimeWatch } from "./runtime_watch.ts";

/**
 * The checks that `run` makes when its pipelines are loaded: those of doctor that cost no call and touch no place that
 * the agent has not touched by then, so a mount or a socket that hangs cannot hold up the start. Runtimes are named
 * when discovery has asked them, until the function that is returned is called.
 */
export function startChecks(
  machine: Machine,
  loaded: ConfigLoaded,
  discovery: Discovery,
  log: Log,
): () => void {
  const findings = [
    // An empty folder is said by the agent, which then has nothing to do.
    hasErrors(loaded.problems) ? checkConfig(machine.options.configDir, loaded) : null,
    checkHostRoot(machine),
    checkPropagation(machine),
    checkRights(machine),
    // It is open and locked already; left is whether it lasts.
    checkCheckpoint(machine, { fault: null, held: false }),
  ];
  logFindings(findings.filter((finding) => finding !== null), log);
  const watch = new RuntimeWatch(machine, discovery, log);
  watch.start();
  return () => watch.stop();
}

/** Without its folder an agent does not start: says in its own log who suffers, before it ends. */
export function sayNoCheckpoint(
  options: CliOptions,
  error: unknown,
  plugins: readonly Plugin[],
  world: ConfigWorld,
  log: Log,
): void {
  const { pipelines } = loadFolder(options.configDir, plugins, world);
  const enabled = pipelines.filter((pipeline) => pipeline.enabled).map(({ stem }) => stem);
  const remedy = checkpointRemedy(options.checkpointDir ?? "");
  logFindings([wrong("checkpoint", describeError(error), enabled, remedy)], log);
}
