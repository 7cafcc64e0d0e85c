import type { Probed } from "../../core/plugin.ts";
import { type Finding, well } from "./finding.ts";

/** What flushers found, told once for all pipelines that send to the same place. */
export function checkDestinations(
  probes: readonly { readonly stem: string; readonly probed: readonly Probed[] }[],
): readonly Finding[] {
  const findings = new Map<string, Finding & { readonly pipelines: string[] }>();
  for (const { stem, probed } of probes) {
    for (const { name, state, found, remedy } of probed) {
      const text = `${name} ${found}`;
      let finding = findings.get(text);
      if (finding === undefined) {
        const lines = remedy === "" ? [] : [remedy];
        findings.set(text, finding = { ...well("destination", text), state, pipelines: [], remedy: lines });
      }
      if (state !== "ok" && !finding.pipelines.includes(stem)) finding.pipelines.push(stem);
    }
  }
  return [...findings.values()];
}
