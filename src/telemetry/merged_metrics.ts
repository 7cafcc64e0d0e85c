import { keyOf, type Labels, type MetricFamily } from "./metrics.ts";

/** All series of one name at one moment, as it goes from thread to thread. */
export interface MetricFigures {
  readonly name: string;
  readonly help: string;
  readonly kind: MetricFamily["kind"];
  readonly series: readonly { readonly labels: Labels; readonly value: number }[];
}

/** What the metrics say now. */
export function figuresOf(families: Iterable<MetricFamily>): MetricFigures[] {
  return [...families].map(({ name, help, kind, series }) => ({
    name,
    help,
    kind,
    series: [...series.values()].map(({ labels, read }) => ({ labels, value: read() })),
  }));
}

/**
 * The metrics of several threads as those of one program: series with the same name and labels are added up. All of
 * ours are counts or amounts, so their sum has the meaning of each.
 */
export function mergeFigures(parts: Iterable<readonly MetricFigures[]>): MetricFamily[] {
  const merged = new Map<string, MetricFamily>();
  for (const part of parts) {
    for (const { name, help, kind, series } of part) {
      const family = merged.get(name) ?? { name, help, kind, series: new Map() };
      merged.set(name, family);
      for (const { labels, value } of series) {
        const key = keyOf(labels);
        const sum = (family.series.get(key)?.read() ?? 0) + value;
        family.series.set(key, { labels, read: () => sum });
      }
    }
  }
  return [...merged.values()];
}

/** Sum of all series of a name, 0 when there are none. */
export function totalOf(parts: Iterable<readonly MetricFigures[]>, name: string): number {
  let sum = 0;
  for (const part of parts) {
    for (const family of part) {
      if (family.name === name) { for (const { value } of family.series) sum += value; }
    }
  }
  return sum;
}
