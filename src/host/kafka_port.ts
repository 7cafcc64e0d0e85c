import { AgentError, PermanentError, RetriableError } from "../core/errors.ts";
import type {
  ClusterInfo,
  KafkaCapabilities,
  KafkaHost,
  KafkaPort,
  KafkaSettings,
  ProduceReply,
  ProduceRequest,
  ProducerIdentity,
  TransactionPort,
} from "../core/kafka_port.ts";
import type { Log } from "../core/telemetry.ts";
import { KafkaDialler, readPem } from "./kafka_dialler.ts";
import { KafkaLink, type LinkAnswer } from "./kafka_link.ts";
import {
  decodeInitProducerId,
  decodeMetadata,
  decodeProduce,
  encodeFrame,
  encodeInitProducerId,
  encodeMetadata,
  encodeProduce,
  INIT_PRODUCER_ID,
  METADATA,
  PRODUCE,
} from "./kafka_messages.ts";
import { HostTransactions, notOffered, type SmallRequest } from "./kafka_transactions.ts";
import { type JsCluster, loadCluster } from "./kafkajs_parts.ts";

/** A broker that does not answer a small request in this time is passed over for another one. */
const SMALL_REQUEST_MS = 10_000;

/** Kafka for flushers, over kafkajs' connections. */
export class HostKafka implements KafkaHost {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  open(settings: KafkaSettings): KafkaPort {
    return new HostKafkaPort(settings, this.#log);
  }

  checkPem(path: string): string | null {
    try {
      readPem(path);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }
}

/** See {@linkcode KafkaPort}. */
class HostKafkaPort implements KafkaPort {
  readonly #settings: KafkaSettings;
  readonly #dialler: KafkaDialler;
  readonly #loadCluster: () => Promise<JsCluster>;
  readonly #clientId: Uint8Array;
  readonly #links: Map<string, KafkaLink> = new Map();
  #nodes: Map<number, { host: string; port: number }> = new Map();
  #cluster: Promise<JsCluster> | null = null;
  #capabilities: KafkaCapabilities | null = null;
  #turn = Math.floor(Math.random() * 1000);
  readonly transactions: TransactionPort = new HostTransactions({
    any: (api, body) => this.#askAny(api, body),
    node: (node, api, body) => this.#askNode(node, api, body),
  });

  constructor(settings: KafkaSettings, log: Log) {
    this.#settings = settings;
    this.#clientId = new TextEncoder().encode(settings.clientId);
    this.#dialler = new KafkaDialler(settings.brokers, settings.tls, settings.keepAliveMs);
    this.#loadCluster = () =>
      this.#cluster ??= loadCluster(settings, log, (wish) => this.#dialler.dial(wish));
  }

  get capabilities(): KafkaCapabilities | null {
    return this.#capabilities;
  }

  async metadata(topics: readonly string[], mayCreate = true): Promise<ClusterInfo> {
    const body = encodeMetadata(topics, mayCreate);
    const answer = await this.#askAny(METADATA, body);
    const { brokers, topics: described, throttleMs } = decodeMetadata(answer.payload);
    answer.throttle(throttleMs);
    this.#nodes = new Map(brokers.map(({ node, host, port }) => [node, { host, port }]));
    const addresses = brokers.map(({ address }) => address);
    this.#dialler.allow(addresses);
    this.#closeUnknown(new Set([...addresses, ...this.#settings.brokers]));
    return { brokers, topics: described };
  }

  async producerId(): Promise<ProducerIdentity> {
    const answer = await this.#askAny(INIT_PRODUCER_ID, encodeInitProducerId());
    return decodeInitProducerId(answer.payload);
  }

  async produce(request: ProduceRequest): Promise<ProduceReply> {
    const address = this.#nodes.get(request.node);
    if (address === undefined) {
      throw unknownNode(request.node);
    }
    const link = this.#link(address.host, address.port);
    const answer = await link.send({
      api: PRODUCE,
      version: () => link.produceVersion ?? PRODUCE.oldest,
      frame: (correlationId, version) => encodeProduce(request, version, correlationId, this.#clientId),
      expectsAnswer: request.acks !== 0,
      timeoutMs: this.#settings.connectTimeoutMs,
    });
    this.#learn(link);
    if (request.acks === 0) return { code: 0, baseOffset: -1 };
    const { code, baseOffset, throttleMs } = decodeProduce(answer.payload, answer.version);
    answer.throttle(throttleMs);
    return { code, baseOffset };
  }

  close(): void {
    const error = new RetriableError("KAFKA_CLOSED", "The Kafka client was closed");
    for (const link of this.#links.values()) link.destroy(error);
    this.#links.clear();
  }

  #link(host: string, port: number): KafkaLink {
    const key = `${host}:${port}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new KafkaLink(host, port, this.#loadCluster, this.#settings.connectTimeoutMs);
      this.#links.set(key, link);
    }
    return link;
  }

  #learn(link: KafkaLink): void {
    const produceVersion = link.produceVersion;
    if (produceVersion === null || produceVersion === this.#capabilities?.produceVersion) return;
    this.#capabilities = {
      produceVersion: Math.min(produceVersion, this.#capabilities?.produceVersion ?? Infinity),
    };
  }

  async #askNode(node: number, api: SmallRequest, body: Uint8Array): Promise<LinkAnswer> {
    const address = this.#nodes.get(node);
    if (address === undefined) throw unknownNode(node);
    const link = this.#link(address.host, address.port);
    return await link.send({
      api,
      version: () => api.newest,
      frame: (correlationId, version) => {
        if (link.knows(api.key, version) === false) throw notOffered(`${link.host}:${link.port}`, api);
        return encodeFrame(api.key, version, correlationId, this.#clientId, body);
      },
      expectsAnswer: true,
      timeoutMs: this.#settings.connectTimeoutMs,
    });
  }

  /** Asks one broker after the other until one answers: open connections first, then everybody that is known. */
  async #askAny(api: SmallRequest, body: Uint8Array): Promise<LinkAnswer> {
    let last: AgentError = new RetriableError("KAFKA_NO_BROKER", "No broker is known");
    for (const link of this.#candidates()) {
      try {
        const answer = await link.send({
          api,
          version: () => api.newest,
          frame: (correlationId, version) =>
            encodeFrame(api.key, version, correlationId, this.#clientId, body),
          expectsAnswer: true,
          timeoutMs: Math.min(SMALL_REQUEST_MS, this.#settings.connectTimeoutMs),
        });
        this.#learn(link);
        return answer;
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        // What a person has to mend says more than a refused connection.
        if (!(last instanceof PermanentError)) last = error;
      }
    }
    throw last;
  }

  #candidates(): KafkaLink[] {
    const open = [...this.#links.values()].filter((link) => link.isOpen);
    const nodes = [...this.#nodes.values()].map(({ host, port }) => this.#link(host, port));
    const seeds = this.#settings.brokers.map((broker) => {
      const colon = broker.lastIndexOf(":");
      return this.#link(broker.slice(0, colon).replace(/^\[|\]$/g, ""), Number(broker.slice(colon + 1)));
    });
    this.#turn++;
    return [
      ...new Set([...rotate(open, this.#turn), ...rotate(nodes, this.#turn), ...rotate(seeds, this.#turn)]),
    ];
  }

  /** Brokers that have left the cluster, or moved. */
  #closeUnknown(known: ReadonlySet<string>): void {
    for (const [key, link] of this.#links) {
      const address = link.host.includes(":") ? `[${link.host}]:${link.port}` : key;
      if (known.has(address)) continue;
      this.#links.delete(key);
      link.destroy(new RetriableError("KAFKA_UNKNOWN_NODE", `The broker '${address}' has left the cluster`));
    }
  }
}

function unknownNode(node: number): RetriableError {
  return new RetriableError("KAFKA_UNKNOWN_NODE", `The cluster has no node '${node}'`);
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
