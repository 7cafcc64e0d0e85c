/**
 * A real Apache Kafka broker for tests: one node in KRaft mode, own data folder, own ports, started in 2 to 4 s.
 *
 * ```ts
 * const ready = await need("kafka");
 * bedTest(ready)("flusher writes what it reads", async () => {
 *   const kafka = await sharedKafka();
 *   await kafka.createTopic("t-1", 3);
 *   …
 *   const records = await kafka.consume("t-1", { max: 10 });
 * });
 * ```
 */
import { again } from "./again.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { consoleConsume, consume, type ConsumedRecord, type ConsumeOptions } from "./kafka_consume.ts";
import { installKafka, type KafkaInstall } from "./kafka_install.ts";
import { formatStorage, type SecurePorts, serverProperties, testUser } from "./kafka_server.ts";
import { createTopic, deleteTopic, endOffsets, KafkaWireError, topicPartitions } from "./kafka_wire.ts";
import {
  endProcess,
  freePorts,
  isAlive,
  logTail,
  patienceMs,
  removeFolder,
  scratchFolder,
  signal,
  startDaemon,
  waitFor,
} from "./process.ts";

export type { ConsumedRecord, ConsumeOptions } from "./kafka_consume.ts";
export { testUser } from "./kafka_server.ts";

/** What kind of broker. */
export interface KafkaOptions {
  /** Address of the plain listener. Default: 127.0.0.1. */
  host?: string;
  /** Adds SASL_PLAINTEXT, SSL, mTLS and SASL_SSL listeners, the user {@linkcode testUser} and certificates. */
  secure?: boolean;
  /** Partitions of topics that the broker makes by itself. */
  partitions?: number;
  /** Lets the broker make unknown topics. Default false. */
  autoCreate?: boolean;
  /** Joins the cluster of the broker with this controller port, as this node, 2 or more. */
  joins?: { node: number; controller: number };
  /** More lines of server.properties; they win. */
  props?: Record<string, string>;
  /** Heap of the JVM, e.g. `256m` (default). */
  heap?: string;
  /** Full JIT, for throughput runs; starts more slowly. */
  fullJit?: boolean;
}

/** Starts a broker and waits until it leads its partitions. A port may be taken meanwhile: then with others. */
export async function startKafka(options: KafkaOptions = {}): Promise<TestKafka> {
  const install = await installKafka();
  return await again("a broker's start", () => startOne(install, options));
}

async function startOne(install: KafkaInstall, options: KafkaOptions): Promise<TestKafka> {
  const data = scratchFolder("kafka");
  const [port, ownController, saslPlaintext, ssl, mtls, saslSsl] = freePorts(6);
  const controller = options.joins?.controller ?? ownController;
  const node = options.joins?.node;
  const ports = { saslPlaintext, ssl, mtls, saslSsl };
  const certificates = options.secure ? await makeCertificates(`${data}/tls`) : undefined;
  const extra = { ...options.props };
  if (options.autoCreate) extra["auto.create.topics.enable"] ??= "true";
  if (options.partitions) extra["num.partitions"] ??= String(options.partitions);
  const secure = certificates ? { ports, tls: certificates.folder } : undefined;
  const conf = `${data}/server.properties`;
  Deno.writeTextFileSync(
    conf,
    serverProperties({ host: options.host, port, controller, data, secure, node, extra }),
  );
  await formatStorage(install, conf, secure ? [testUser] : []);
  const kafka = new TestKafka(install, data, port, controller, ports, certificates, options);
  await kafka.start().catch(async (error) => {
    await kafka.dispose();
    throw error;
  });
  return kafka;
}

/** No broker to place a partition on, no leader, not the leader. */
const fenced = new Set([5, 6, 38]);

/** A broker on a busy machine may miss its own heartbeats and be fenced for a moment: then once more. */
function unlessFenced<T>(ask: () => Promise<T>): Promise<T> {
  return waitFor("the broker to be open for business", async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      if (error instanceof KafkaWireError && fenced.has(error.code)) return false;
      throw error;
    }
  }, { everyMs: 100 }).then(({ answer }) => answer);
}

let shared: Promise<TestKafka> | undefined;

/** One plain broker per test module, started at the first call, ended with the module. */
export function sharedKafka(): Promise<TestKafka> {
  return shared ??= startKafka();
}

/** A broker under the test's control. Its data outlive `stop()` and `kill9()`, until `dispose()`. */
export class TestKafka {
  /** Pid of the JVM; another one after each start. */
  pid = 0;
  /** `host:port` of the plain listener. */
  readonly bootstrap: string;
  /** `host:port` of the secure listeners (only with `secure: true`). Names match the certificates. */
  readonly listeners: { saslPlaintext: string; ssl: string; mtls: string; saslSsl: string };

  constructor(
    private readonly install: KafkaInstall,
    private readonly data: string,
    readonly port: number,
    /** Where other brokers find the controller. */
    readonly controllerPort: number,
    ports: SecurePorts,
    /** Paths of the PEM files, with `secure: true`. */
    readonly certificates: Certificates | undefined,
    private readonly options: KafkaOptions,
  ) {
    this.bootstrap = `${options.host ?? "127.0.0.1"}:${port}`;
    this.listeners = {
      saslPlaintext: `127.0.0.1:${ports.saslPlaintext}`,
      ssl: `localhost:${ports.ssl}`,
      mtls: `localhost:${ports.mtls}`,
      saslSsl: `localhost:${ports.saslSsl}`,
    };
  }

  /** The broker's own log. */
  get logFile(): string {
    return `${this.data}/server.log`;
  }

  /** Starts the broker again on the same ports and data; returns when it answers requests and leads partitions. */
  async start(): Promise<void> {
    const jit = this.options.fullJit ? "4" : "1";
    const heap = this.options.heap ?? "256m";
    const jvm = [
      "-XX:+UseSerialGC",
      `-XX:TieredStopAtLevel=${jit}`,
      `-XX:SharedArchiveFile=${this.install.archive}`,
    ];
    const memory = ["-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr", "-Xms64m", `-Xmx${heap}`];
    const log = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
    const main = ["-cp", this.install.classPath, log, "kafka.Kafka", `${this.data}/server.properties`];
    this.pid = await startDaemon(["java", ...jvm, ...memory, ...main], { logFile: this.logFile });
    await this.awaitAnswers();
  }

  private async awaitAnswers(): Promise<void> {
    await waitFor("the broker", async () => {
      if (!isAlive(this.pid)) throw new Error(`Kafka ended at its start:\n${logTail(this.logFile)}`);
      // The port is open before the broker is unfenced; from then on all partitions it had have a leader.
      const topics = await topicPartitions(this.bootstrap).catch(() => undefined);
      if (topics === undefined) return false;
      return await this.canCreateTopics();
    }, { timeoutMs: 2 * patienceMs, everyMs: 50 });
  }

  /** A fenced broker refuses to place a new topic: the plainest sign that it is open for business. */
  private async canCreateTopics(): Promise<boolean> {
    const probe = `probe-${Math.random().toString(36).slice(2)}`;
    const made = await createTopic(this.bootstrap, probe, 1, {}).then(() => true, () => false);
    if (made) await deleteTopic(this.bootstrap, probe).catch(() => {});
    return made;
  }

  /** Creates a topic and waits until each partition has a leader. `config`: e.g. `{"max.message.bytes": "2000"}`. */
  async createTopic(topic: string, partitions = 1, config: Record<string, string> = {}): Promise<void> {
    await unlessFenced(() => createTopic(this.bootstrap, topic, partitions, config));
    await waitFor(`leaders of '${topic}'`, async () => {
      return (await topicPartitions(this.bootstrap, [topic])).get(topic) === partitions;
    });
  }

  /** Deletes a topic. */
  async deleteTopic(topic: string): Promise<void> {
    await deleteTopic(this.bootstrap, topic);
  }

  /** Names of all topics. */
  async topics(): Promise<string[]> {
    return [...(await topicPartitions(this.bootstrap)).keys()];
  }

  /** The next offset of each partition. */
  endOffsets(topic: string): Promise<number[]> {
    return unlessFenced(() => endOffsets(this.bootstrap, topic));
  }

  /** Reads records with kcat; see {@linkcode ConsumeOptions}. */
  consume(topic: string, options: ConsumeOptions = {}): Promise<ConsumedRecord[]> {
    return consume(this.bootstrap, topic, options);
  }

  /** {@linkcode consume}, values as text. */
  async consumeText(topic: string, options: ConsumeOptions = {}): Promise<string[]> {
    const text = new TextDecoder();
    return (await this.consume(topic, options)).map((record) =>
      text.decode(record.value ?? new Uint8Array())
    );
  }

  /** Reads with Kafka's own console consumer (slow to start, the last word on what is in the topic). */
  consoleConsume(topic: string, options: { max: number; timeoutMs?: number }): Promise<string[]> {
    return consoleConsume(this.bootstrap, topic, options);
  }

  /** Ends the broker in an orderly way; its data stay for {@linkcode start}. */
  async stop(): Promise<void> {
    await endProcess(this.pid, 20_000);
  }

  /** Kills the broker as a crash would. */
  async kill9(): Promise<void> {
    signal(this.pid, "SIGKILL");
    await waitFor("the broker's end", () => !isAlive(this.pid));
  }

  /** Stops the JVM where it is: connections stay open, nothing answers. */
  async freeze(): Promise<void> {
    signal(this.pid, "SIGSTOP");
    const stopped = () => /\) [Tt] /.test(Deno.readTextFileSync(`/proc/${this.pid}/stat`));
    await waitFor("the broker to stand still", stopped, { everyMs: 5 });
  }

  /** Lets a frozen JVM go on. */
  thaw(): void {
    signal(this.pid, "SIGCONT");
  }

  /** {@linkcode stop} and {@linkcode start}. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends the broker for good and removes its data. */
  async dispose(): Promise<void> {
    await this.kill9().catch(() => {});
    removeFolder(this.data);
  }
}
