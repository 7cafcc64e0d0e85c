/**
 * The log files of the agent's bench, the same bytes on every machine: lines carry a number, and what must become of
 * line `n` is worked out here from its text alone, with nothing of the product.
 */

/** Shapes of log files. */
export type DataKind = "access" | "json" | "docker";

const HOSTS = ["shop.example.com", "api.example.com", "img.example.org", "www.example.net"];
const PATHS = ["/cart/items", "/index.html", "/api/v1/orders", "/static/js/app.3f9c.js", "/search", "/login"];
const METHODS = ["GET", "GET", "GET", "POST", "PUT", "HEAD"];
const STATUSES = [200, 200, 200, 200, 304, 404, 500, 301];
const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/115.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0",
  "kube-probe/1.29 (node health; zone eu-central-1a)",
];
const LOGGERS = ["com.example.shop.CartService", "com.example.shop.OrderService", "com.example.auth.Session"];

/** Scrambles a number: neighbouring lines must not look alike, or they compress too well. */
function scramble(n: number): number {
  let x = Math.imul(n + 1, 0x9e3779b1);
  x = Math.imul(x ^ x >>> 15, 0x85ebca6b);
  x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
  return (x ^ x >>> 16) >>> 0;
}

const two = (n: number) => n < 10 ? `0${n}` : `${n}`;

/** Every line has this mark once: `n-` and the line's number in ten digits. */
function mark(n: number): string {
  return `n-${String(n).padStart(10, "0")}`;
}

/** What an application wrote as line `n`, without its newline. */
export function message(kind: DataKind, n: number): string {
  const x = scramble(n);
  const second = Math.floor(n / 20_000);
  const clock = `12:${two(32 + Math.floor(second / 60) % 28)}:${two(second % 60)}`;
  if (kind === "json") {
    return `{"time":"2023-06-26T${clock}.${100 + x % 900}Z","level":"${x % 7 === 0 ? "WARN" : "INFO"}",` +
      `"logger":"${LOGGERS[x % 3]}","thread":"http-nio-8080-exec-${x % 20}",` +
      `"message":"cart ${x % 99_991} updated by \\"user-${x % 7919}\\" in region eu-west-1","durationMs":${
        x % 1000 / 10
      },` +
      `"ok":${x % 11 !== 0},"requestId":"${mark(n)}-${x.toString(16).padStart(8, "0")}"}`;
  }
  return `10.${x % 4}.${x % 251}.${x % 241} - - [26/Jun/2023:${clock} +0800] ` +
    `"${METHODS[x % 6]} ${PATHS[x % 6]}?q=${mark(n)}&r=${x.toString(36)} HTTP/1.1" ${STATUSES[x % 8]} ${
      x % 65_537
    } "https://${HOSTS[x % 4]}/" "${AGENTS[x % 4]}" "-"`;
}

/** The runtime's stamp of line `n`. */
export function stamp(kind: DataKind, n: number): string {
  const second = Math.floor(n / 20_000);
  const clock = `12:${two(32 + Math.floor(second / 60) % 28)}:${two(second % 60)}`;
  const nanos = String(scramble(n + 7) % 1_000_000_000).padStart(9, "0");
  return kind === "docker" ? `2023-06-26T${clock}.${nanos}Z` : `2023-06-26T${clock}.${nanos}+08:00`;
}

/** Line `n` as it stands in the runtime's log file, with its newline. */
function line(kind: DataKind, n: number): string {
  if (kind !== "docker") return `${stamp(kind, n)} stdout F ${message(kind, n)}\n`;
  return `{"log":"${message(kind, n).replaceAll('"', '\\"')}\\n","stream":"stdout","time":"${
    stamp(kind, n)
  }"}\n`;
}

/** Writes the lines `[from, to)`; returns the file's size in bytes. */
export function writeLines(path: string, kind: DataKind, from: number, to: number): number {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let bytes = 0;
  for (let n = from; n < to;) {
    let text = "";
    for (const end = Math.min(to, n + 4000); n < end; n++) text += line(kind, n);
    const part = encoder.encode(text);
    for (let at = 0; at < part.length;) at += file.writeSync(part.subarray(at));
    bytes += part.length;
  }
  return bytes;
}

/** The tutorial's expression for nginx's access log, and the names of its groups. */
export const ACCESS_REGEX = String
  .raw`([\d\.:]+) - (\S+) \[(\S+) \S+\] \"(\S+) (\S+) ([^\\"]+)\" (\d+) (\d+) \"([^\\"]*)\" \"([^\\"]*)\" \"([^\\"]*)\"`;
export const ACCESS_KEYS = [
  ...["remote_addr", "remote_user", "time_local", "method", "path", "protocol", "status", "body_bytes_sent"],
  ...["http_referer", "http_user_agent", "http_x_forwarded_for"],
];

/** What the pipeline does with `content`. */
export type Step = "raw" | "regex" | "json";

/** Fields of line `n` in order, but for the container's. */
export function expectedFields(kind: DataKind, step: Step, n: number): [string, string][] {
  const text = message(kind, n);
  const about: [string, string][] = [["_time_", stamp(kind, n)], ["_source_", "stdout"]];
  if (step === "raw") return [["content", text], ...about];
  if (step === "json") {
    const pairs = Object.entries(JSON.parse(text)).map(([key, value]): [string, string] => [key, `${value}`]);
    return [...about, ...pairs];
  }
  const groups = new RegExp(`^${ACCESS_REGEX}`).exec(text);
  if (groups === null) throw new Error(`BUG: line ${n} is no access line: ${text}`);
  return [...about, ...ACCESS_KEYS.map((key, i): [string, string] => [key, groups[i + 1]])];
}
