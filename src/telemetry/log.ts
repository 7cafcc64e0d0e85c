import type { Clock } from "../core/host.ts";
import type { Log, LogFields } from "../core/telemetry.ts";
import { formatJson, formatText, type LogLine } from "./log_format.ts";

/** How bad a line is; a log shows its own level and what is worse. */
export type LogLevel = "debug" | "info" | "warn" | "error";

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogOptions {
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, "wallMs" | "monotonicMs">;
  /** `json` for machines (one object per line), `text` for people. */
  readonly format: "json" | "text";
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Lines per minute and message; more are counted. Default 10. */
  readonly perMinute?: number;
  /** Messages left out, because somebody else says them to the same reader. */
  readonly saidElsewhere?: ReadonlySet<string>;
}

const MINUTE_MS = 60_000;
/** Keys of `warnOnce` that are remembered; past that its warnings are limited like all others. */
const ONCE_MAX = 10_000;
/** Shorter secrets are not looked for: they would blank out half of every line. */
const SECRET_LENGTH_MIN = 4;

interface Window {
  startMs: number;
  count: number;
  held: number;
  level: LogLevel;
}

/**
 * The agent's own log. A storm of one message costs at most `perMinute` lines a minute: the rest is counted, and the
 * next line of that message says how many were held back.
 */
export class OwnLog implements Log {
  readonly #options: LogOptions;
  readonly #rankMin: number;
  readonly #perMinute: number;
  readonly #windows: Map<string, Window> = new Map();
  readonly #once: Set<string> = new Set();
  #secrets: string[] = [];

  constructor(options: LogOptions) {
    this.#options = options;
    this.#rankMin = RANK[options.level ?? "info"];
    this.#perMinute = options.perMinute ?? 10;
  }

  debug(message: string, fields?: LogFields): void {
    this.#say("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#say("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#say("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#say("error", message, fields);
  }

  warnOnce(key: string, message: string, fields?: LogFields): void {
    if (this.#once.has(key)) return;
    if (this.#once.size < ONCE_MAX) this.#once.add(key);
    this.#say("warn", message, fields);
  }

  /** From now on this text appears in no line (a library's error may quote a password). */
  hide(secret: string): void {
    if (secret.length < SECRET_LENGTH_MIN || this.#secrets.includes(secret)) return;
    // A line shows quotes and backslashes escaped, also those of a text that was escaped before (`kafkajs says …`).
    const once = JSON.stringify(secret).slice(1, -1);
    const twice = JSON.stringify(once).slice(1, -1);
    // The longest first, so that a secret which holds another one goes as a whole.
    this.#secrets = [...new Set([...this.#secrets, secret, once, twice])].sort((a, b) => b.length - a.length);
  }

  /** Says what was held back and whose minute is over, or all of it at stop. */
  flush(all = false): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [message, window] of this.#windows) {
      if (!all && nowMs - window.startMs < MINUTE_MS) continue;
      if (window.held > 0) this.#write(window.level, message, { held_back: window.held });
      this.#windows.delete(message);
    }
  }

  #say(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (RANK[level] < this.#rankMin || this.#options.saidElsewhere?.has(message)) return;
    const nowMs = this.#options.clock.monotonicMs();
    const window = this.#windows.get(message);
    if (window === undefined || nowMs - window.startMs >= MINUTE_MS) {
      this.#windows.set(message, { startMs: nowMs, count: 1, held: 0, level });
      const held = window?.held ?? 0;
      this.#write(level, message, held > 0 ? { ...fields, held_back: held } : fields);
    } else if (window.count < this.#perMinute) {
      window.count++;
      this.#write(level, message, fields);
    } else {
      window.held++;
    }
  }

  #write(level: LogLevel, message: string, fields: LogFields): void {
    const line: LogLine = { wallMs: this.#options.clock.wallMs(), level, message, fields };
    let text = this.#options.format === "json" ? formatJson(line) : formatText(line);
    for (const secret of this.#secrets) text = text.replaceAll(secret, "***");
    this.#options.write(`${text}\n`);
  }
}
