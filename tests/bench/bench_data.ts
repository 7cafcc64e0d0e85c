/**
 * The log files of the agent's bench, the same bytes on every machine: lines carry a number, and what must become of
 * line `n` is worked out here from its text alone, with nothing of the product.
 */

/**
 * Shapes of log files. `access`, `json`, `chinese` (every fifth line has Chinese text), `pieces` (every 20th event comes
 * as two lines, P and F) and `java` (events of several lines) are in CRI text, `docker` in docker's JSON, `plain` as an
 * application writes its own file.
 */
export type DataKind = "access" | "json" | "docker" | "chinese" | "pieces" | "java" | "plain";

/** Lines of a file per event. */
export const LINES_PER_EVENT: Readonly<Record<DataKind, number>> = {
  access: 1,
  json: 1,
  docker: 1,
  chinese: 1,
  pieces: 1.05,
  java: 7.75,
  plain: 1,
};

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
const CHINESE_PATHS = ["/商品/列表", "/购物车", "/用户/登录", "/搜索/结果"];
const CHINESE_AGENTS = ["浏览器/115.0（移动版）", "微信小程序/8.0 网络 4G", "探针/1.29（节点健康检查）"];
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
  if (kind === "java") return javaMessage(n, x, clock);
  const chinese = kind === "chinese" && n % 5 === 0;
  const path = chinese ? CHINESE_PATHS[x % 4] : PATHS[x % 6];
  return `10.${x % 4}.${x % 251}.${x % 241} - - [26/Jun/2023:${clock} +0800] ` +
    `"${METHODS[x % 6]} ${path}?q=${mark(n)}&r=${x.toString(36)} HTTP/1.1" ${STATUSES[x % 8]} ${
      x % 65_537
    } "https://${HOSTS[x % 4]}/" "${chinese ? CHINESE_AGENTS[x % 3] : AGENTS[x % 4]}" "-"`;
}

/** Three of four events are one line, the fourth is an exception of 28: 7.75 lines an event. */
function javaMessage(n: number, x: number, clock: string): string {
  const head = `2023-06-26 ${clock}.${100 + x % 900} ${n % 4 === 0 ? "ERROR" : "INFO "} [http-nio-8080-exec-${
    x % 20
  }] ${LOGGERS[x % 3]} - cart ${x % 99_991} of request ${mark(n)} `;
  if (n % 4 !== 0) return `${head}updated in ${x % 1000 / 10} ms`;
  const frame = (i: number) =>
    `\tat ${LOGGERS[(x + i) % 3]}$Handler${i}.process(CartService.java:${(x >>> i) % 900})`;
  const frames = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => frame(from + i)).join("\n");
  return `${head}failed\njava.lang.IllegalStateException: cart ${x % 99_991} is closed\n${frames(0, 20)}\n` +
    `Caused by: java.sql.SQLTimeoutException: no connection after ${x % 30_000} ms\n${frames(20, 25)}`;
}

/** The runtime's stamp of line `n`, or of the `part`-th line of event `n`. */
export function stamp(kind: DataKind, n: number, part = 0): string {
  const second = Math.floor(n / 20_000);
  const clock = `12:${two(32 + Math.floor(second / 60) % 28)}:${two(second % 60)}`;
  const nanos = String((scramble(n + 7) + part) % 1_000_000_000).padStart(9, "0");
  return kind === "docker" ? `2023-06-26T${clock}.${nanos}Z` : `2023-06-26T${clock}.${nanos}+08:00`;
}

const isInPieces = (kind: DataKind, n: number) => kind === "pieces" && n % 20 === 0;

/** Event `n` as it stands in the log file, with its newlines. */
export function fileText(kind: DataKind, n: number): string {
  const text = message(kind, n);
  if (kind === "plain") return `${text}\n`;
  if (kind === "docker") {
    return `{"log":"${text.replaceAll('"', '\\"')}\\n","stream":"stdout","time":"${stamp(kind, n)}"}\n`;
  }
  if (isInPieces(kind, n)) {
    const half = text.length >> 1;
    return `${stamp(kind, n)} stdout P ${text.slice(0, half)}\n` +
      `${stamp(kind, n, 1)} stdout F ${text.slice(half)}\n`;
  }
  if (kind === "java" && n % 4 === 0) {
    return text.split("\n").map((line, part) => `${stamp(kind, n, part)} stdout F ${line}\n`).join("");
  }
  return `${stamp(kind, n)} stdout F ${text}\n`;
}

/** Writes the events `[from, to)`; returns the file's size in bytes. */
export function writeLines(path: string, kind: DataKind, from: number, to: number): number {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let bytes = 0;
  for (let n = from; n < to;) {
    let text = "";
    for (const end = Math.min(to, n + 4000); n < end; n++) text += fileText(kind, n);
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

/** Fields of event `n` in order, but for the container's. `_time_` is that of its last line. */
export function expectedFields(kind: DataKind, step: Step, n: number): [string, string][] {
  const text = message(kind, n);
  if (kind === "plain") return [["content", text]];
  const parts = isInPieces(kind, n) ? 2 : kind === "java" ? text.split("\n").length : 1;
  const about: [string, string][] = [["_time_", stamp(kind, n, parts - 1)], ["_source_", "stdout"]];
  if (step === "raw") return [["content", text], ...about];
  if (step === "json") {
    const pairs = Object.entries(JSON.parse(text)).map(([key, value]): [string, string] => [key, `${value}`]);
    return [...about, ...pairs];
  }
  const groups = new RegExp(`^${ACCESS_REGEX}`).exec(text);
  if (groups === null) throw new Error(`BUG: line ${n} is no access line: ${text}`);
  return [...about, ...ACCESS_KEYS.map((key, i): [string, string] => [key, groups[i + 1]])];
}
