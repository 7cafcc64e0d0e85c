/** Reading topics back with clients that share no code with the product: kcat and Kafka's console consumer. */
import { installKafka } from "./kafka_install.ts";
import { mustRun, patienceMs, run, signal } from "./process.ts";

/** A record as kcat saw it. `timestampMs` is the record's own. A value or key that is null stays null. */
export interface ConsumedRecord {
  partition: number;
  offset: number;
  timestampMs: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  /** Names and values in order; values as text. */
  headers: [string, string][];
}

/** How much to read. Without `max`: up to the ends of all partitions as they are now. */
export interface ConsumeOptions {
  /** Stop after this many records, waiting for them if need be. */
  max?: number;
  /** With `max`: give what has come after this time. Without: throw then. Default 60 s. */
  timeoutMs?: number;
  /** Only this partition. */
  partition?: number;
  /** First offset (per partition). Default: the beginning. */
  from?: number;
  /** More `-X` settings for kcat, e.g. for secure listeners. */
  settings?: Record<string, string>;
}

/*
 * One record in kcat's output, by its format string:
 *   partition offset timestamp keyLength valueLength LF
 *   key bytes, value bytes, headers as name=value with commas between, 0x1e LF
 */
const format = "%p %o %T %K %S\\n%k%s%h\\x1e\\n";

/** Consumes with kcat. Records of one partition are in offset order; partitions come mixed. */
export async function consume(
  bootstrap: string,
  topic: string,
  options: ConsumeOptions = {},
): Promise<ConsumedRecord[]> {
  const settings = {
    "fetch.wait.max.ms": "20",
    "topic.metadata.refresh.interval.ms": "500",
    ...options.settings,
  };
  const child = new Deno.Command("kcat", {
    args: [
      ...["-C", "-b", bootstrap, "-t", topic, "-q", "-u", "-f", format],
      ...["-o", String(options.from ?? "beginning")],
      ...(options.partition === undefined ? [] : ["-p", String(options.partition)]),
      ...(options.max === undefined ? ["-e"] : ["-c", String(options.max)]),
      ...Object.entries(settings).flatMap(([key, value]) => ["-X", `${key}=${value}`]),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    signal(child.pid, "SIGKILL");
  }, options.timeoutMs ?? patienceMs);
  const output = await child.output();
  clearTimeout(timer);
  if (late && options.max === undefined) {
    throw new Error(`kcat did not reach the end of '${topic}' in time`);
  }
  if (output.code !== 0 && !late) {
    throw new Error(
      `kcat on '${topic}' ended with ${output.code}: ${new TextDecoder().decode(output.stderr).trim()}`,
    );
  }
  return parse(output.stdout);
}

function parse(bytes: Uint8Array): ConsumedRecord[] {
  const text = new TextDecoder();
  const records: ConsumedRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf(10, at);
    if (lineEnd < 0) break;
    const [partition, offset, timestampMs, keyBytes, valueBytes] = text.decode(bytes.subarray(at, lineEnd))
      .split(" ").map(Number);
    const keyEnd = lineEnd + 1 + Math.max(0, keyBytes);
    const valueEnd = keyEnd + Math.max(0, valueBytes);
    const end = bytes.indexOf(0x1e, valueEnd);
    if (end < 0) break;
    records.push({
      partition,
      offset,
      timestampMs,
      key: keyBytes < 0 ? null : bytes.subarray(lineEnd + 1, keyEnd),
      value: valueBytes < 0 ? null : bytes.subarray(keyEnd, valueEnd),
      headers: parseHeaders(text.decode(bytes.subarray(valueEnd, end))),
    });
    at = end + 2;
  }
  return records;
}

function parseHeaders(text: string): [string, string][] {
  if (text === "") return [];
  return text.split(",").map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}

/**
 * Kafka's own console consumer: the first `max` records of a topic, values as lines of text (2 to 3 s). It reads
 * every compression codec with Kafka's own code. Throws if fewer came within `timeoutMs`.
 */
export async function consoleConsume(
  bootstrap: string,
  topic: string,
  options: { max: number; timeoutMs?: number; properties?: Record<string, string> },
): Promise<string[]> {
  const install = await installKafka();
  const timeoutMs = options.timeoutMs ?? patienceMs;
  const jvm = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"];
  const command = ["--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning"];
  const limits = ["--max-messages", String(options.max), "--timeout-ms", String(timeoutMs)];
  const properties = Object.entries(options.properties ?? {}).flatMap(([key, value]) => [
    "--command-property",
    `${key}=${value}`,
  ]);
  const main = "org.apache.kafka.tools.consumer.ConsoleConsumer";
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
  const stdout = await mustRun(
    ["java", ...jvm, quiet, "-cp", install.classPath, main, ...command, ...limits, ...properties],
    { timeoutMs: timeoutMs + patienceMs },
  );
  const lines = stdout.split("\n").slice(0, -1);
  if (lines.length < options.max) {
    throw new Error(`console consumer got ${lines.length} of ${options.max} records`);
  }
  return lines;
}

/** Writes lines as records with kcat: for tests that need data in a topic from someone else. */
export async function produceLines(
  bootstrap: string,
  topic: string,
  lines: string[],
  codec = "none",
): Promise<void> {
  const result = await run(["kcat", "-P", "-b", bootstrap, "-t", topic, "-z", codec], {
    stdin: lines.map((line) => line + "\n").join(""),
  });
  if (result.code !== 0) throw new Error(`kcat could not write to '${topic}': ${result.stderr.trim()}`);
}
