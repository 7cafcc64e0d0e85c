import type { FlagTexts } from "./options.ts";

/** Defaults of `start` that differ: nothing outside the current folder is written, no port is opened. */
export const START_DEFAULTS: FlagTexts = {
  checkpoint: ".denotail/checkpoint",
  metrics: "off",
  logFormat: "text",
};
