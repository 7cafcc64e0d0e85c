import type { Plugin } from "./core/plugin.ts";
import { flusherStdout } from "./flushers/flusher_stdout.ts";
import { processorJson } from "./processors/processor_json.ts";
import { processorRegex } from "./processors/processor_regex.ts";

/** THE list of plugins: one import and one line each. */
export const PLUGINS: readonly Plugin[] = [
  processorJson,
  processorRegex,
  flusherStdout,
];
