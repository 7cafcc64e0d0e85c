import { answerTargets } from "./answer_targets.ts";
import { configTargets } from "./config_targets.ts";
import { jsonTargets } from "./json_targets.ts";
import { lineTargets } from "./line_targets.ts";
import { nameTargets } from "./name_targets.ts";
import { regexTargets } from "./regex_targets.ts";
import type { FuzzTarget } from "./target.ts";

/** Every parser that sees foreign bytes. */
export const allTargets: readonly FuzzTarget[] = [
  ...lineTargets,
  ...jsonTargets,
  ...regexTargets,
  ...configTargets,
  ...answerTargets,
  ...nameTargets,
];
