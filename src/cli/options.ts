import type { AgentOptions } from "../config/agent_options.ts";
import { type Flag, type FlagKey, FLAGS, type FlagValues } from "./flags.ts";

export type { AgentOptions, EmbeddedFile } from "../config/agent_options.ts";

/** Texts of flags by key, as the command line gave them; switches are `"true"`. */
export type FlagTexts = Readonly<Partial<Record<FlagKey, string>>>;

/** What options are made of besides flags. */
export interface OptionsWorld {
  readonly env: (name: string) => string | undefined;
  readonly isFolder: (path: string) => boolean;
}

/** Options, or sentences about what is wrong with them. */
export interface ReadAgentOptions {
  readonly options: AgentOptions;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Where the DaemonSet mounts the host. */
export const HOST_ROOT_MOUNT = "/logtail_host";

/**
 * Flags, then environment twins, then defaults. A bad value of a flag or of a variable of ours is an error; one of a
 * variable that other programs define (`DOCKER_HOST=tcp://…`) is a warning and counts as unset.
 */
export function readAgentOptions(
  texts: FlagTexts,
  world: OptionsWorld,
  changedDefaults: FlagTexts = {},
): ReadAgentOptions {
  const errors: string[] = [];
  const warnings: string[] = [];
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(FLAGS) as FlagKey[]) {
    const flag = FLAGS[key] as Flag<unknown>;
    const value = readFlag(flag, texts[key], world, errors, warnings);
    const fallback = changedDefaults[key] ?? flag.default;
    values[key] = value ?? (fallback === "" ? undefined : flag.parse(fallback));
  }
  return { options: agentOptions(values as FlagValues, world), errors, warnings };
}

function readFlag(
  flag: Flag<unknown>,
  text: string | undefined,
  world: OptionsWorld,
  errors: string[],
  warnings: string[],
): unknown {
  if (text !== undefined) {
    const value = flag.parse(text);
    if (value === undefined) errors.push(`--${flag.name}: found '${text}', expected ${flag.expected}`);
    return value;
  }
  for (const name of flag.env) {
    const found = world.env(name);
    // An empty variable is how manifests say "unset".
    if (found === undefined || found === "") continue;
    const value = flag.parse(found);
    if (value !== undefined) return value;
    if (name.startsWith("DENOTAIL_")) errors.push(`${name}: found '${found}', expected ${flag.expected}`);
    else warnings.push(`${name}: found '${found}', expected ${flag.expected}; ignored`);
  }
  return undefined;
}

function agentOptions(values: FlagValues, world: OptionsWorld): AgentOptions {
  const metrics = values.metrics ?? "off";
  return {
    configDir: values.configDir ?? "",
    embedded: null,
    checkpointDir: values.checkpoint === undefined || values.checkpoint === "memory"
      ? null
      : values.checkpoint,
    hostRoot: values.hostRoot ?? (world.isFolder(HOST_ROOT_MOUNT) ? HOST_ROOT_MOUNT : "/"),
    dockerSockets: values.dockerSockets ?? [],
    criSockets: values.criSockets ?? [],
    staticInfoFile: values.staticInfoFile ?? "",
    containerdStateDir: values.containerdStateDir ?? "",
    cpuLimitCores: values.cpuLimitCores ?? null,
    memLimitMb: values.memLimitMb ?? null,
    stopTimeoutMs: values.stopTimeoutMs ?? 0,
    lockTimeoutMs: values.lockTimeoutMs ?? 0,
    fromStart: values.fromStart ?? false,
    collectSelf: values.collectSelf ?? false,
    metrics: metrics === "off" ? null : metrics,
    logLevel: values.logLevel ?? "info",
    logFormat: values.logFormat ?? "json",
    nodeName: values.nodeName ?? "",
    nodeIp: values.nodeIp ?? "",
    userDefinedId: values.userDefinedId ?? "",
    envTags: values.envTags ?? [],
    hostTags: values.hostTags ?? false,
  };
}
