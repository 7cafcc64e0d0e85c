import type { Problem } from "../config/problem.ts";
import type { Granted, GrantKind } from "../core/grants.ts";
import { runtimeSockets } from "../discovery/runtime_sockets.ts";
import { type Flag, FLAGS } from "./flags.ts";
import type { CliOptions } from "./options.ts";

/** What these options need of Deno's permissions. */
interface Need {
  readonly kind: GrantKind;
  readonly what: string;
  /** What it is, behind "the program may not read". */
  readonly name: string;
  /** What suffers without, behind a comma. */
  readonly without: string;
  /** Nothing useful is left without it. */
  readonly isVital: boolean;
}

const VERBS: Readonly<Record<GrantKind, string>> = {
  read: "may not read",
  write: "may not write to",
  env: "may not ask for",
  net: "may not listen at",
  sys: "may not ask for",
};

/**
 * What the program was not permitted at its build (or by the flags of `deno run`) and needs with these options: an
 * error where going on makes no sense. Said before anything is tried, since the world's own answers differ: some are
 * stack traces, some look like a missing file, some like nothing at all.
 */
export function missingPermissions(
  options: CliOptions,
  purpose: "run" | "validate",
  granted: Granted,
): readonly Problem[] {
  const needs = purpose === "run"
    ? [...configNeeds(options), ...runNeeds(options, granted)]
    : configNeeds(options);
  const missing = needs.filter(({ kind, what }) => !granted(kind, what)).map(problemOf);
  const names = unreadableSettings(granted);
  if (names.length > 0) missing.push(settingsProblem(names));
  return missing;
}

function configNeeds({ embedded, configDir }: CliOptions): Need[] {
  if (embedded !== null) return [];
  return [need("read", configDir, "the config folder", "so no pipeline can be loaded", true)];
}

function runNeeds(options: CliOptions, granted: Granted): Need[] {
  const { checkpointDir, hostRoot, staticInfoFile, metrics, envTags } = options;
  const needs: Need[] = [];
  if (checkpointDir !== null) {
    for (const kind of ["read", "write"] as const) {
      needs.push(need(kind, checkpointDir, "the checkpoint folder", "so progress cannot be saved", true));
    }
  }
  // Without a mounted host root a compiled program reads the folders that its profile lists.
  const lacks = hostRoot === "/"
    ? "so only what lies in listed folders is collected"
    : "so neither logs nor containers are seen";
  needs.push(need("read", hostRoot, "the host root", lacks, hostRoot !== "/"));
  needs.push(...socketNeeds(options, granted));
  if (staticInfoFile !== "") {
    needs.push(
      need("read", staticInfoFile, "the static container info", "so its containers are unknown", false),
    );
  }
  if (metrics !== null) {
    const host = metrics.host.includes(":") ? `[${metrics.host}]` : metrics.host;
    const without = "so metrics and health are not served";
    needs.push(need("net", `${host}:${metrics.port}`, "the address of --metrics", without, false));
  }
  for (const name of envTags) {
    needs.push(need("env", name, "a variable of --env-tags", "so the tag stays empty", false));
  }
  if (options.nodeName === "") {
    needs.push(
      need("sys", "hostname", "the host name", "so the node's name is that in HOSTNAME, or empty", false),
    );
  }
  if (options.nodeIp === "") {
    const without = "so the node's address is the one in NODE_IP or HOST_IP, or empty";
    needs.push(need("sys", "networkInterfaces", "the addresses of the machine", without, false));
  }
  return needs;
}

/** A runtime is out of reach when none of the spellings of its socket may be used. */
function socketNeeds({ dockerSockets, criSockets, hostRoot }: CliOptions, granted: Granted): Need[] {
  const without = "so the runtime behind it is not asked for containers";
  return runtimeSockets({ dockerSockets, criSockets, hostRoot })
    .filter(({ paths }) => !paths.some((path) => granted("read", path) && granted("write", path)))
    .flatMap(({ name }) => [
      need("read", name, "the socket of a runtime", without, false),
      need("write", name, "the socket of a runtime", without, false),
    ]);
}

/** Variables of the table of flags that the program cannot see even when they are set. */
function unreadableSettings(granted: Granted): string[] {
  return (Object.values(FLAGS) as Flag<unknown>[]).flatMap(({ env }) =>
    env.filter((name) => !granted("env", name))
  );
}

function need(kind: GrantKind, what: string, name: string, without: string, isVital: boolean): Need {
  return { kind, what, name, without, isVital };
}

function problemOf({ kind, what, name, without, isVital }: Need): Problem {
  return {
    ...at(isVital ? "error" : "warning", kind, what),
    message: `The program ${VERBS[kind]} ${name}, ${without}`,
    help: what === "/"
      ? "Bind '/' to /logtail_host, as the systemd unit does, or name folders at the build with --read"
      : kind === "sys"
      ? `Name it ${
        what === "hostname" ? "with --node-name" : "with --node-ip"
      }, or grant it with --allow-sys=${what}`
      : `Take one that docs/reference/permissions.md lists, or grant it: --${kind}=${what} at the build, ` +
        `--allow-${kind}=${what} under 'deno run'`,
  };
}

function settingsProblem(names: readonly string[]): Problem {
  const shown = names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");
  return {
    ...at("warning", "env", shown),
    message: "The program may not ask for these environment variables, so settings in them do not count",
    help: "Use the flags instead, or grant them at the build; under 'deno run' --allow-env=NAME",
  };
}

function at(level: Problem["level"], kind: GrantKind, what: string) {
  return {
    code: "PERMISSION_MISSING",
    level,
    file: `${kind} ${what}`,
    line: 0,
    column: 0,
    path: "",
  } as const;
}
