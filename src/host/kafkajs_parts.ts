import type { Duplex } from "node:stream";
import type { KafkaSettings } from "../core/kafka_port.ts";
import type { Log } from "../core/telemetry.ts";
import type { SocketWish } from "./kafka_dialler.ts";
import { hideEnvironment } from "./plain_env.ts";

/**
 * The parts of kafkajs 2.2.4 that are used here, private ones among them: its connection (framing of answers, login,
 * negotiation of versions, throttling), not its batches, retries and metadata. The version is pinned, and a test
 * looks whether all of this is there.
 */
export interface JsConnection {
  readonly socket: Duplex | undefined;
  readonly sasl: unknown;
  readonly requestQueue: JsRequestQueue;
  isConnected(): boolean;
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  nextCorrelationId(): number;
}

export interface JsRequestQueue {
  readonly pending: unknown[];
  readonly inflight: Map<number, unknown>;
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  push(request: JsRequest): void;
  rejectAll(error: Error): void;
  maybeThrottle(milliseconds: number): void;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}

export interface JsRequest {
  readonly entry: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly correlationId: number;
    resolve(answer: { payload: Uint8Array | null }): void;
    reject(error: Error): void;
  };
  readonly expectResponse: boolean;
  readonly requestTimeout: null;
  sendRequest(): void;
}

export interface JsBroker {
  readonly connectionPool: { readonly pool: readonly JsConnection[] };
  readonly versions:
    | Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>
    | null;
  /** Dials, asks for versions, logs in. */
  connect(): Promise<void>;
}

export interface JsCluster {
  readonly rootLogger: unknown;
  readonly connectionPoolBuilder: { build(at: { host: string; port: number }): Promise<unknown> };
  readonly brokerPool: { createBroker(options: { connectionPool: unknown; logger: unknown }): JsBroker };
}

/** What a module in CommonJS exports, as kafkajs' own are. */
interface Exports<T> {
  readonly default: T;
}

/** kafkajs' cluster object, which knows how to make connections; a class of the package's own. */
type ClusterClass = new (options: Record<string, unknown>) => JsCluster;

interface Loggers {
  readonly LEVELS: { readonly WARN: number };
  readonly createLogger: (options: Record<string, unknown>) => unknown;
}

/**
 * Makes kafkajs' cluster object for these settings; loads it at the first call. The package's own entry would load its
 * producer, consumer and admin as well, which nobody uses here: 11 ms of CPU and 1.5 MB at every start (measured).
 */
export async function loadCluster(
  settings: KafkaSettings,
  log: Log,
  dial: (wish: SocketWish) => Duplex,
): Promise<JsCluster> {
  hideEnvironment();
  const { default: Cluster } = await import("kafkajs/src/cluster/index.js") as Exports<ClusterClass>;
  const { default: loggers } = await import("kafkajs/src/loggers/index.js") as Exports<Loggers>;
  return new Cluster({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    sasl: settings.sasl,
    // Only says "encrypted" to kafkajs; the dialler decides how.
    ssl: settings.tls !== undefined,
    socketFactory: dial,
    connectionTimeout: settings.connectTimeoutMs,
    authenticationTimeout: settings.connectTimeoutMs,
    // Time-outs are kept by the link, which also ends the connection; kafkajs would keep a half-open one.
    enforceRequestTimeout: false,
    retry: { retries: 0 },
    allowAutoTopicCreation: true,
    maxInFlightRequests: null,
    logger: loggers.createLogger({
      level: loggers.LEVELS.WARN,
      logCreator: () => ({ namespace, log: { message, broker } }: JsLogEntry) =>
        log.debug("kafkajs says", { namespace, message, broker }),
    }),
  });
}

interface JsLogEntry {
  readonly namespace: string;
  readonly log: { readonly message: string; readonly broker: string };
}

/** Makes a broker object for one address; nothing is dialled yet. */
export async function makeBroker(cluster: JsCluster, host: string, port: number): Promise<JsBroker> {
  const connectionPool = await cluster.connectionPoolBuilder.build({ host, port });
  const broker = cluster.brokerPool.createBroker({ connectionPool, logger: cluster.rootLogger });
  for (const connection of broker.connectionPool.pool) calmTimers(connection.requestQueue);
  return broker;
}

/**
 * kafkajs arms a timer of 1 ms (with a negative delay, hence a warning) for every request, to look for throttled
 * ones. It is needed only when there are some.
 */
function calmTimers(queue: JsRequestQueue): void {
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length === 0 || queue.throttleCheckTimeoutId) return;
    queue.throttleCheckTimeoutId = setTimeout(() => {
      queue.throttleCheckTimeoutId = null;
      queue.checkPendingRequests();
    }, Math.max(10, queue.throttledUntil - Date.now()));
  };
}
