import type { Granted } from "../core/grants.ts";
import type { Files } from "../core/host.ts";
import type { Plugin } from "../core/plugin.ts";
import { Findings } from "./findings.ts";
import type { PipelineConfig } from "./pipeline_config.ts";
import { readPipelineFile, stemOf } from "./pipeline_file.ts";
import type { Problem } from "./problem.ts";
import type { ReferenceSources } from "./references.ts";
import { FILE_CHARS_MAX } from "./yaml_document.ts";

/** What the reader needs of the world. */
export interface ConfigWorld {
  readonly files: Pick<Files, "list" | "stat" | "readText">;
  readonly env: (name: string) => string | undefined;
  readonly granted?: Granted;
}

/** All files of a folder: those without errors as pipelines, and every problem found. */
export interface LoadedFolder {
  readonly pipelines: readonly PipelineConfig[];
  /** Files with errors as far as they could be read; see `ReadPipeline.draft`. */
  readonly drafts: readonly PipelineConfig[];
  readonly problems: readonly Problem[];
  /** Pipeline files seen, with and without errors. */
  readonly files: number;
  /** Those that could be read: name of the file -> YAML text. */
  readonly texts: Readonly<Record<string, string>>;
}

/** A secret is a few bytes; a file behind `${file:…}` is no place for more. */
const SECRET_BYTES_MAX = 64 * 1024;

/**
 * Reads every `*.yaml` and `*.yml` of the folder in the order of names, without going deeper. Names that begin with
 * a dot are left out: a ConfigMap's `..data`, and what editors leave. A link counts as what it leads to.
 */
export function loadFolder(folder: string, plugins: readonly Plugin[], world: ConfigWorld): LoadedFolder {
  const entries = world.files.list(folder);
  if (entries === null) {
    return { pipelines: [], drafts: [], problems: [missingFolder(folder)], files: 0, texts: {} };
  }
  const names = entries
    .map((entry) => entry.name)
    .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith("."))
    .filter((name) => (world.files.stat(join(folder, name))?.kind ?? "file") === "file")
    .sort();
  const pipelines: PipelineConfig[] = [];
  const drafts: PipelineConfig[] = [];
  const problems: Problem[] = [];
  const texts: Record<string, string> = {};
  const stems = new Map<string, string>();
  for (const name of names) {
    const first = stems.get(stemOf(name));
    stems.set(stemOf(name), first ?? name);
    const { config, draft, problems: found } = first === undefined
      ? loadFile(join(folder, name), name, plugins, world, texts)
      : sameName(name, first);
    problems.push(...found);
    if (config !== null) pipelines.push(config);
    if (draft !== null) drafts.push(draft);
  }
  return { pipelines, drafts, problems, files: names.length, texts };
}

function loadFile(
  path: string,
  name: string,
  plugins: readonly Plugin[],
  world: ConfigWorld,
  texts: Record<string, string>,
) {
  const text = world.files.readText(path, FILE_CHARS_MAX);
  if (text === null) {
    const findings = new Findings(name, []);
    const size = world.files.stat(path)?.sizeBytes ?? 0;
    if (size > FILE_CHARS_MAX) {
      findings.error("CONFIG_TOO_LARGE", null, [], "The file is too large", {
        found: `${size} bytes`,
        expected: `at most ${FILE_CHARS_MAX}`,
      });
    } else {
      findings.error("CONFIG_UNREADABLE", null, [], "The file cannot be read", {
        help: `Check the permissions of '${path}'`,
      });
    }
    return { config: null, draft: null, problems: findings.list };
  }
  texts[name] = text;
  return readPipelineFile(name, text, plugins, referenceSources(world));
}

/** Where `${…}` of a pipeline file looks: the environment and small files. */
export function referenceSources(world: ConfigWorld): ReferenceSources {
  return {
    env: world.env,
    granted: world.granted,
    readText: (path) => world.files.readText(path, SECRET_BYTES_MAX),
  };
}

function sameName(name: string, first: string) {
  const findings = new Findings(name, []);
  findings.error("CONFIG_SAME_NAME", null, [], `'${name}' and '${first}' give one pipeline name`, {
    help: "Rename one of them; only the first one runs",
  });
  return { config: null, draft: null, problems: findings.list };
}

function missingFolder(folder: string): Problem {
  const findings = new Findings(folder, []);
  findings.error("CONFIG_FOLDER", null, [], "The config folder is missing or cannot be read", {
    help: "Mount it, or name another one with --config-dir",
  });
  return findings.list[0];
}

function join(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}
