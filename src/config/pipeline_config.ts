import type { PipelineGlobals, Plugin, PluginKind, Report } from "../core/plugin.ts";
import type { Problem } from "./problem.ts";

/** One plugin of a pipeline, its options checked by its schema. */
export interface PluginConfig<K extends PluginKind = PluginKind> {
  readonly plugin: Plugin<K>;
  /** `flusher_kafka_v2/main` with an id in the file, else `flusher_kafka_v2#0`, counted per type. */
  readonly id: string;
  /** Place in its list, from 0. */
  readonly ordinal: number;
  /** By the schema; in a file with errors partly stand-ins, see `fillStandIns`. */
  readonly options: unknown;
  /** Hand this to `plugin.create`; what it says becomes problems of the file, with places. */
  readonly report: Report;
}

/** One file. It runs when it has no errors. */
export interface PipelineConfig {
  /** File name without extension: the pipeline's name and the first part of its checkpoint keys. */
  readonly stem: string;
  /** File name as printed in problems. */
  readonly file: string;
  readonly enabled: boolean;
  readonly globals: PipelineGlobals;
  readonly inputs: readonly PluginConfig<"input">[];
  readonly processors: readonly PluginConfig<"processor">[];
  readonly flushers: readonly PluginConfig<"flusher">[];
  /** Findings of this file so far; grows while plugins report. */
  readonly problems: readonly Problem[];
  /** Values of secret options, references replaced; for hiding them in the log. */
  readonly secrets: readonly string[];
}
