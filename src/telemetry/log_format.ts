import { visibleJson } from "../base/visible_text.ts";
import type { LogFields } from "../core/telemetry.ts";

/** One line before it is text. */
export interface LogLine {
  readonly wallMs: number;
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** `{"time":"…","level":"warn","message":"…",…}`; a field never replaces one of the first three. */
export function formatJson(line: LogLine): string {
  const head = { time: new Date(line.wallMs).toISOString(), level: line.level, message: line.message };
  return visibleJson(JSON.stringify({ ...head, ...line.fields, ...head }));
}

/** `2026-11-22T10:00:00.000Z WARN  message key=value other="two words"` */
export function formatText(line: LogLine): string {
  const parts = [new Date(line.wallMs).toISOString(), line.level.toUpperCase().padEnd(5), line.message];
  for (const [key, value] of Object.entries(line.fields)) {
    if (value !== undefined) parts.push(`${key}=${plain(String(value))}`);
  }
  return parts.join(" ");
}

/** Quoted where it would be misread; control characters are always escaped, so a value cannot fake a line. */
function plain(value: string): string {
  return /^[^\s"=\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/.test(value)
    ? value
    : visibleJson(JSON.stringify(value));
}
