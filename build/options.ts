/** The command line of `deno task compile`. */
import { parseArgs } from "node:util";
import { type Grants, grantsOf, type Profile, PROFILES } from "../src/cli/permissions.ts";
import { FLAGS } from "../src/cli/flags.ts";

export const TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] as const;
export type Target = (typeof TARGETS)[number];

/** How builders of images call them. */
const ARCHITECTURES: Readonly<Record<string, Target>> = {
  amd64: "x86_64-unknown-linux-gnu",
  arm64: "aarch64-unknown-linux-gnu",
};

export interface CompileOptions {
  readonly profiles: readonly Profile[];
  /** Absent: for the machine it runs on. */
  readonly target: Target | undefined;
  /** Path of the product; absent: dist/denotail, with `-vm` for that profile. */
  readonly out: string | undefined;
  /** What a profile gets beside the table, by kind. `net`: instead of any address. */
  readonly more: Readonly<Record<"read" | "write" | "env" | "net", readonly string[]>>;
  /** Only print the flags. */
  readonly print: boolean;
}

export const USAGE = `deno task compile [options]

  --profile daemonset|vm   one profile; without it both: dist/denotail and dist/denotail-vm
  --out PATH               where the product is written; for one profile
  --target TRIPLE          ${TARGETS.join(" or ")} (or amd64, arm64);
                           without it this machine's
  --net HOST:PORT,…        the only addresses that may be dialled, in place of any: brokers and all that they name
  --read PATH,…            more paths that may be read
  --write PATH,…           more paths that may be read and written
  --env NAME,…             more environment variables that may be read
  --print                  only print the flags, for Deno 2.4 and 2.9
`;

const FLAGS_OF_TASK = {
  profile: { type: "string" },
  out: { type: "string" },
  target: { type: "string" },
  net: { type: "string", multiple: true },
  read: { type: "string", multiple: true },
  write: { type: "string", multiple: true },
  env: { type: "string", multiple: true },
  print: { type: "boolean" },
} as const;

/** Names of the options, for documents. */
export const OPTION_NAMES: readonly string[] = Object.keys(FLAGS_OF_TASK);

/** Checked options, or a sentence about what is wrong. */
export function readOptions(args: readonly string[]): CompileOptions | string {
  let values;
  try {
    values = parseArgs({ args: [...args], options: FLAGS_OF_TASK }).values;
  } catch (error) {
    return (error as Error).message;
  }
  const { profile, out } = values;
  // Empty is what a builder gives that knows of no architectures.
  const asked = values.target === "" ? undefined : values.target;
  const target = asked === undefined ? undefined : ARCHITECTURES[asked] ?? asked;
  if (profile !== undefined && !isOneOf(PROFILES, profile)) return `There is no profile '${profile}'`;
  if (target !== undefined && !isOneOf(TARGETS, target)) return `There is no target '${target}'`;
  if (out !== undefined && profile === undefined) return "--out is for one product: name its --profile, too";
  if (out !== undefined && /(?:^|\/)\.{0,2}$/.test(out)) return `--out: '${out}' names no file`;
  const more = {
    read: listOf(values.read),
    write: listOf(values.write),
    env: listOf(values.env),
    net: listOf(values.net),
  };
  const relative = [...more.read, ...more.write].find((path) => !path.startsWith("/"));
  if (relative !== undefined) {
    return `'${relative}' is no absolute path; it would depend on the working folder`;
  }
  const portless = more.net.find((address) => !/:\d+$/.test(address));
  if (portless !== undefined) return `--net: found '${portless}', expected an address with a port`;
  return {
    profiles: profile === undefined ? PROFILES : [profile],
    target,
    out,
    more,
    print: values.print ?? false,
  };
}

/** What the product may do: the table's permissions and those asked for. */
export function grantsFor(profile: Profile, more: CompileOptions["more"]): Grants {
  const table = grantsOf(profile);
  const add = (values: readonly string[] | null, extra: readonly string[]) =>
    values === null ? null : [...new Set([...values, ...extra])];
  return {
    read: add(table.read, [...more.read, ...more.write]),
    write: add(table.write, more.write),
    // The own pages are served in any case.
    net: more.net.length === 0 ? table.net : [...new Set([FLAGS.metrics.default, ...more.net])],
    env: add(table.env, more.env),
    sys: table.sys,
  };
}

function isOneOf<T extends string>(all: readonly T[], text: string): text is T {
  return (all as readonly string[]).includes(text);
}

function listOf(values: readonly string[] | undefined): readonly string[] {
  return (values ?? []).flatMap((value) => value.split(",")).map((text) => text.trim()).filter((text) =>
    text !== ""
  );
}
