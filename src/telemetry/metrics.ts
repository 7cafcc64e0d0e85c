import type { Cell, Metrics } from "../core/telemetry.ts";

/** Labels of one cell, in the order of their making. */
export type Labels = Readonly<Record<string, string>>;

/** All cells of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge";
  readonly series: Map<string, { readonly labels: Labels; readonly read: () => number }>;
}

/** Series per name. One more label set goes into the series `other`, so a node with many containers stays readable. */
const SERIES_MAX = 2_000;

/** Counters and gauges of the agent. Hot code holds a cell and adds to it; nothing here runs between two exports. */
export class MetricRegistry implements Metrics {
  readonly #families: Map<string, MetricFamily> = new Map();
  readonly #cells: Map<string, Cell> = new Map();
  readonly #seriesMax: number;

  constructor(seriesMax: number = SERIES_MAX) {
    this.#seriesMax = seriesMax;
  }

  counter(name: string, help: string, labels: Labels = {}): Cell {
    if (!name.endsWith("_total")) throw new Error(`BUG: the counter '${name}' does not end in '_total'`);
    return this.#cell("counter", name, help, labels);
  }

  gauge(name: string, help: string, labels: Labels = {}): Cell {
    return this.#cell("gauge", name, help, labels);
  }

  observe(name: string, help: string, read: () => number, labels: Labels = {}): void {
    const kind = name.endsWith("_total") ? "counter" : "gauge";
    const family = this.#family(kind, name, help);
    family.series.set(this.#key(family, labels).key, { labels, read });
  }

  forget(labels: Labels): void {
    const wanted = Object.entries(labels);
    for (const family of this.#families.values()) {
      for (const [key, series] of family.series) {
        if (!wanted.every(([name, value]) => series.labels[name] === value)) continue;
        family.series.delete(key);
        this.#cells.delete(`${family.name}${key}`);
      }
    }
  }

  /** Sum of all series of a name, 0 when there are none. */
  total(name: string): number {
    let sum = 0;
    for (const { read } of this.#families.get(name)?.series.values() ?? []) sum += read();
    return sum;
  }

  /** Everything there is, for the exporter. */
  families(): Iterable<MetricFamily> {
    return this.#families.values();
  }

  #cell(kind: "counter" | "gauge", name: string, help: string, labels: Labels): Cell {
    const family = this.#family(kind, name, help);
    const { key, labels: kept } = this.#key(family, labels);
    const known = this.#cells.get(`${name}${key}`);
    if (known !== undefined) return known;
    const cell: Cell = { value: 0 };
    this.#cells.set(`${name}${key}`, cell);
    family.series.set(key, { labels: kept, read: () => cell.value });
    return cell;
  }

  #family(kind: "counter" | "gauge", name: string, help: string): MetricFamily {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { name, help, kind, series: new Map() };
      this.#families.set(name, family);
    }
    if (family.kind !== kind) throw new Error(`BUG: the metric '${name}' is a ${family.kind} and a ${kind}`);
    return family;
  }

  #key(family: MetricFamily, labels: Labels): { key: string; labels: Labels } {
    const key = keyOf(labels);
    if (family.series.has(key) || family.series.size < this.#seriesMax) return { key, labels };
    const other = Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
    return { key: keyOf(other), labels: other };
  }
}

/** The same labels in another order are the same series. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
