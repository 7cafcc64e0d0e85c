import type { Log, LogFields } from "../../src/core/telemetry.ts";

/** A log that keeps its lines for a test to look at. */
export class MemoryLog implements Log {
  readonly lines: { level: string; message: string; fields: LogFields }[] = [];
  readonly #once: Set<string> = new Set();

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  warnOnce(key: string, message: string, fields: LogFields = {}): void {
    if (this.#once.has(key)) return;
    this.#once.add(key);
    this.warn(message, fields);
  }

  /** The messages of one level, in order. */
  messages(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}
