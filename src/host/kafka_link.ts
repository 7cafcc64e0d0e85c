import { AgentError, PermanentError, RetriableError } from "../core/errors.ts";
import { type JsBroker, type JsCluster, type JsConnection, makeBroker } from "./kafkajs_parts.ts";
import { PRODUCE } from "./kafka_messages.ts";

/** One request before it has a number. */
export interface LinkRequest {
  readonly api: { readonly key: number; readonly name: string };
  /** Negotiated versions are known by then. */
  version(link: KafkaLink): number;
  /** The whole frame, size included. */
  frame(correlationId: number, version: number): Uint8Array;
  readonly expectsAnswer: boolean;
  readonly timeoutMs: number;
}

/** What came back, and in which version. */
export interface LinkAnswer {
  readonly payload: Uint8Array;
  readonly version: number;
  throttle(milliseconds: number): void;
}

interface Waiting {
  readonly request: LinkRequest;
  readonly resolve: (answer: LinkAnswer) => void;
  readonly reject: (error: AgentError) => void;
}

const NOTHING = new Uint8Array(0);

/**
 * The connection to one broker address: dialled when the first request comes, requests out in the order of the calls,
 * answers in the order of Kafka. When anything goes wrong, a request without an answer in time included, the
 * connection is destroyed, everything open rejects, and the next request dials anew.
 */
export class KafkaLink {
  readonly host: string;
  readonly port: number;
  readonly #cluster: () => Promise<JsCluster>;
  readonly #openTimeoutMs: number;
  #broker: JsBroker | null = null;
  #connection: JsConnection | null = null;
  #opening = false;
  /** The broker has answered something beyond the first greeting. */
  #wasAnswered = false;
  /** Grows with each connection, so that a late failure of an old one does not end the new one. */
  #generation = 0;
  #waiting: Waiting[] = [];
  /** How to fail each request that nobody answers and whose bytes the kernel has not taken yet. */
  readonly #writing: Set<(error: AgentError) => void> = new Set();
  /** Deadlines of requests that are out; a request's place is its key. */
  readonly #deadlines: Map<number, number> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: string, port: number, cluster: () => Promise<JsCluster>, openTimeoutMs: number) {
    this.host = host;
    this.port = port;
    this.#cluster = cluster;
    this.#openTimeoutMs = openTimeoutMs;
  }

  get isOpen(): boolean {
    return this.#connection !== null && this.#connection.isConnected();
  }

  /** Highest version of Produce that both sides speak; `null` before the first connection. */
  get produceVersion(): number | null {
    const offered = this.#broker?.versions?.[PRODUCE.key]?.maxVersion;
    return offered === undefined ? null : Math.min(PRODUCE.newest, offered);
  }

  /** Whether the broker answers a request in this version; `null` before the first connection. */
  knows(apiKey: number, version: number): boolean | null {
    const versions = this.#broker?.versions;
    if (versions === null || versions === undefined) return null;
    const offered = versions[apiKey];
    return offered !== undefined && offered.minVersion <= version && version <= offered.maxVersion;
  }

  send(request: LinkRequest): Promise<LinkAnswer> {
    return new Promise((resolve, reject) => {
      const waiting = { request, resolve, reject };
      if (this.#isReady && this.#waiting.length === 0) return this.#write(waiting);
      this.#waiting.push(waiting);
      if (!this.#opening) this.#open();
    });
  }

  /** Destroys the connection; everything open rejects with this error. */
  destroy(error: AgentError): void {
    this.#generation++;
    const connection = this.#connection;
    const waiting = this.#waiting;
    this.#connection = null;
    this.#waiting = [];
    this.#opening = false;
    this.#deadlines.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (connection !== null) {
      connection.requestQueue.rejectAll(error);
      connection.requestQueue.destroy();
      connection.socket?.destroy();
    }
    for (const { reject } of waiting) reject(error);
    for (const fail of [...this.#writing]) fail(error);
  }

  get #isReady(): boolean {
    return this.isOpen && !this.#opening && (!this.#connection!.sasl || this.#connection!.isAuthenticated());
  }

  /** Dials and logs in, or only logs in again when the session is about to end; then everything waiting goes out. */
  #open(): void {
    this.#opening = true;
    const generation = this.isOpen ? this.#generation : ++this.#generation;
    const work = this.isOpen ? this.#connection!.authenticate() : this.#connect(generation);
    const timer = setTimeout(() => {
      if (generation === this.#generation) this.destroy(this.#failure("no answer in time", undefined));
    }, this.#openTimeoutMs);
    work.then(() => {
      clearTimeout(timer);
      if (generation !== this.#generation) return;
      this.#opening = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const one of waiting) this.#write(one);
    }, (error) => {
      clearTimeout(timer);
      if (generation === this.#generation) this.destroy(this.#classify(error));
    });
  }

  async #connect(generation: number): Promise<void> {
    const broker = await makeBroker(await this.#cluster(), this.host, this.port);
    if (generation !== this.#generation) return;
    const connection = broker.connectionPool.pool[0];
    this.#connection = connection;
    await broker.connect();
    if (generation !== this.#generation) return;
    this.#broker = broker;
    connection.socket!.once("close", () => {
      if (generation === this.#generation) {
        this.destroy(this.#failure("the connection was closed", undefined));
      }
    });
  }

  #write({ request, resolve, reject }: Waiting): void {
    const connection = this.#connection!;
    const generation = this.#generation;
    const version = request.version(this);
    const correlationId = connection.nextCorrelationId();
    const { expectsAnswer } = request;
    const fail = (error: unknown) => {
      this.#writing.delete(fail);
      reject(this.#classify(error));
    };
    const done = (payload: Uint8Array) => {
      this.#writing.delete(fail);
      if (generation === this.#generation) this.#deadlines.delete(correlationId);
      this.#wasAnswered = true;
      const throttle = (milliseconds: number) => connection.requestQueue.maybeThrottle(milliseconds);
      resolve({ payload, version, throttle });
    };
    // Where no answer comes, the request is over when the kernel has its bytes: earlier they would be overwritten
    // by the next batch, and a slow broker's would pile up without limit.
    const written = (error?: Error | null) => (error ? fail(error) : done(NOTHING));
    try {
      const frame = request.frame(correlationId, version);
      this.#watch(correlationId, request.timeoutMs);
      if (!expectsAnswer) this.#writing.add(fail);
      connection.requestQueue.push({
        entry: {
          apiKey: request.api.key,
          apiName: request.api.name,
          apiVersion: version,
          correlationId,
          // kafkajs calls this at once when it expects no answer.
          resolve: ({ payload }) => void (expectsAnswer && done(payload ?? NOTHING)),
          reject: fail,
        },
        expectResponse: expectsAnswer,
        requestTimeout: null,
        sendRequest: () => void connection.socket!.write(frame, expectsAnswer ? undefined : written),
      });
    } catch (error) {
      const failure = this.#classify(error);
      this.destroy(failure);
      fail(failure);
    }
  }

  #watch(correlationId: number, timeoutMs: number): void {
    this.#deadlines.set(correlationId, performance.now() + timeoutMs);
    if (this.#timer === undefined) this.#arm(timeoutMs);
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      let first = Infinity;
      for (const deadline of this.#deadlines.values()) first = Math.min(first, deadline);
      const left = first - performance.now();
      if (left <= 0) this.destroy(this.#failure("no answer in time", undefined));
      else if (left < Infinity) this.#arm(Math.max(1, left));
    }, delayMs);
  }

  #failure(what: string, cause: unknown): RetriableError {
    const message = `Kafka broker '${this.host}:${this.port}': ${what}`;
    return new RetriableError("KAFKA_CONNECTION", message, { cause });
  }

  /** By what happened, never by the flag that kafkajs puts on it. */
  #classify(error: unknown): AgentError {
    if (error instanceof AgentError) return error;
    const { name, message, type } = error as { name?: string; message?: string; type?: string };
    const login = name === "KafkaJSSASLAuthenticationError" || type === "SASL_AUTHENTICATION_FAILED" ||
      type === "UNSUPPORTED_SASL_MECHANISM";
    if (login) {
      const what = `Kafka broker '${this.host}:${this.port}' refuses the login`;
      return new PermanentError("KAFKA_LOGIN_REFUSED", what, { cause: error });
    }
    if (/certificate|self.signed|UnknownIssuer|NotValidForName|unable to verify/i.test(message ?? "")) {
      const what = `Kafka broker '${this.host}:${this.port}': a certificate is refused`;
      return new PermanentError("KAFKA_CERTIFICATE", what, { cause: error });
    }
    if (/Closed connection|closed by the server/i.test(message ?? "") && !this.#wasAnswered) {
      return this.#failure("closed the connection at once; does it ask for a login or for TLS?", error);
    }
    return this.#failure("the connection failed", error);
  }
}
