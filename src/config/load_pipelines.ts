import type { Plugin } from "../core/plugin.ts";
import type { AgentOptions } from "./agent_options.ts";
import { type ConfigWorld, type LoadedFolder, loadFolder, referenceSources } from "./load_folder.ts";
import { readPipelineFile } from "./pipeline_file.ts";

/** The pipelines an agent is asked to run: embedded ones, or those of the config folder. */
export function loadPipelines(
  options: Pick<AgentOptions, "configDir" | "embedded">,
  plugins: readonly Plugin[],
  world: ConfigWorld,
): LoadedFolder {
  if (options.embedded === null) return loadFolder(options.configDir, plugins, world);
  const read = options.embedded.map((file) =>
    readPipelineFile(file.name, file.text, plugins, referenceSources(world))
  );
  return {
    pipelines: read.flatMap(({ config }) => config === null ? [] : [config]),
    problems: read.flatMap(({ problems }) => problems),
    files: read.length,
  };
}
