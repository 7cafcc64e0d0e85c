/** What components say about themselves. Messages are constant; what varies goes into the fields. */

/** Fields of one log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The agent's own log. A message is limited per minute and message; what was held back is counted in the next line. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Warns once per `key` for the life of the process. */
  warnOnce(key: string, message: string, fields?: LogFields): void;
}

/** A plain counter or gauge: hot code adds to `value`, the exporter reads it. */
export interface Cell {
  value: number;
}

/** Registry of counters and gauges. The same name and labels give the same cell. */
export interface Metrics {
  /** Only grows. `help` is a sentence; names end in `_total`. */
  counter(name: string, help: string, labels?: Readonly<Record<string, string>>): Cell;
  /** Goes up and down. */
  gauge(name: string, help: string, labels?: Readonly<Record<string, string>>): Cell;
  /** Read at export time only. */
  observe(name: string, help: string, read: () => number, labels?: Readonly<Record<string, string>>): void;
  /** Forgets every cell that carries these labels (a container is gone). */
  forget(labels: Readonly<Record<string, string>>): void;
}
