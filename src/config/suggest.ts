import { distance } from "fastest-levenshtein";

/** The word a person most likely meant, or `undefined`: at most a third of its letters may differ. */
export function suggest(found: string, words: Iterable<string>): string | undefined {
  const wanted = found.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const word of words) {
    const candidate = word.toLowerCase();
    const apart = distance(wanted, candidate);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (apart <= allowed && apart < bestDistance) {
      best = word;
      bestDistance = apart;
    }
  }
  return best;
}
