import { Agent } from "../../agent/agent.ts";
import type { ContainerSnapshot, Discovery } from "../../core/container.ts";
import { describeError } from "../../core/errors.ts";
import type { Clock } from "../../core/host.ts";
import type { Plugin, Probed } from "../../core/plugin.ts";
import { OwnLog } from "../../telemetry/log.ts";
import { MetricRegistry } from "../../telemetry/metrics.ts";
import { agentOptions, makeDiscovery, memoryCheckpoint } from "../agent_parts.ts";
import type { HostKit } from "../make_agent.ts";
import type { CliOptions } from "../options.ts";
import { checkCheckpoint } from "./check_checkpoint.ts";
import { checkConfig } from "./check_config.ts";
import { checkDestinations } from "./check_destinations.ts";
import { checkGrants } from "./check_grants.ts";
import { checkHostRoot, checkPropagation } from "./check_host_root.ts";
import { checkLimits } from "./check_limits.ts";
import { checkLogFiles, checkRights } from "./check_rights.ts";
import { checkRuntimes } from "./check_runtimes.ts";
import type { Finding } from "./finding.ts";
import { everyone, isInContainer, lookAt } from "./machine.ts";

/** How long a runtime may take for its list, and all of them together. */
const LIST_LIMIT_MS = 3_000;
const LISTED_LIMIT_MS = 4_000;
/** How long a destination may take. */
const PROBE_LIMIT_MS = 5_000;

/**
 * All checks of `denotail doctor`: the pipelines are loaded as `run` loads them, runtimes and destinations are asked
 * once, and nothing is changed anywhere. Nothing that hangs holds it up for longer than the limits above.
 */
export async function examine(
  options: CliOptions,
  host: HostKit,
  plugins: readonly Plugin[],
): Promise<readonly Finding[]> {
  const { clock, env } = host;
  host.onRejection(() => {});
  const log = new OwnLog({ write: () => {}, clock, format: "json", level: "error" });
  const files = host.files(options.hostRoot);
  const inContainer = isInContainer(host.parentPid, env, files);
  const store = memoryCheckpoint(host);
  const timing = { listTimeoutMs: LIST_LIMIT_MS };
  const discovery = makeDiscovery(options, host, files, store, log, options.nodeIp, options.nodeName, timing);
  const agent = new Agent(agentOptions(options, options.nodeName, options.nodeIp), {
    clock,
    files,
    random: host.random,
    env,
    granted: host.granted,
    log,
    hide: (secret) => log.hide(secret),
    metrics: new MetricRegistry(),
    process: host.process,
    store,
    discovery,
    flusherHost: host.flushers(log, () => {}),
  }, plugins);
  try {
    const loaded = await agent.load();
    const machine = lookAt(options, host, files, inContainer, agent.pipelines);
    const [snapshot, probes] = await Promise.all([listed(discovery, clock), probeAll(agent)]);
    const folder = options.checkpointDir;
    return [
      checkConfig(options.configDir, loaded),
      checkHostRoot(machine),
      checkPropagation(machine),
      checkRights(machine),
      ...checkRuntimes(machine, snapshot),
      checkLogFiles(machine, snapshot.containers.values(), files),
      checkCheckpoint(machine, folder === null ? NOTHING_TO_TRY : host.checkpointFolder(folder).probe()),
      ...checkGrants(options, host.granted, everyone(machine)),
      checkLimits(machine),
      ...checkDestinations(probes),
    ].filter((finding) => finding !== null);
  } finally {
    await agent.stop();
    files.close();
  }
}

const NOTHING_TO_TRY = { fault: null, held: false };

/** The first list of all runtimes, or what is known when one of them takes too long. */
function listed(discovery: Discovery, clock: Clock): Promise<ContainerSnapshot> {
  return new Promise((resolve) => {
    const unsubscribe = discovery.onSnapshot((snapshot) => {
      if (snapshot.complete) done();
    });
    const timer = clock.after(LISTED_LIMIT_MS, done);
    discovery.start();
    function done(): void {
      unsubscribe();
      timer.cancel();
      resolve(discovery.current());
    }
  });
}

async function probeAll(agent: Agent): Promise<{ stem: string; probed: readonly Probed[] }[]> {
  const flushers = agent.pipelines.flatMap(({ stem, flushers }) =>
    flushers.map((flusher) => ({ stem, flusher }))
  );
  return await Promise.all(flushers.map(async ({ stem, flusher }) => {
    try {
      return { stem, probed: await flusher.probe?.(PROBE_LIMIT_MS) ?? [] };
    } catch (error) {
      const probed: Probed = {
        name: "a destination",
        state: "wrong",
        found: describeError(error),
        remedy: "",
      };
      return { stem, probed: [probed] };
    }
  }));
}
