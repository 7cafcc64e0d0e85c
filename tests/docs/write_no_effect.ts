/** `deno run -A tests/docs/write_no_effect.ts` brings the table of options without effect up to date. */
import { projectRoot } from "../support/paths.ts";
import { NO_EFFECT_DOCUMENT, withNoEffectTable } from "./no_effect.ts";

const path = `${projectRoot}/${NO_EFFECT_DOCUMENT}`;
Deno.writeTextFileSync(path, withNoEffectTable(Deno.readTextFileSync(path)));
