/**
 * What the Kafka sender needs of a connection to a cluster: four calls. The sender's law (batches, sequences,
 * retries) is ours and pure; the host implements this port with kafkajs' connection, tests with a fake cluster.
 */

/** Free bytes that a caller of {@linkcode KafkaPort.produce} leaves in front of a batch for the request's head. */
export const PRODUCE_HEAD_BYTES = 640;

/** Client ids longer than this are refused at load; the request's head has to fit into its room. */
export const CLIENT_ID_BYTES_MAX = 200;

/** Who to talk to and how. Two equal values mean the same cluster and client. */
export interface KafkaSettings {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Time for dialling, TLS and the login together, and for the answer to small requests. */
  readonly connectTimeoutMs: number;
  /** Silence after which the operating system probes an idle connection; 0: one minute. */
  readonly keepAliveMs: number;
  readonly sasl?: KafkaSasl;
  readonly tls?: KafkaTls;
}

/** A login. */
export interface KafkaSasl {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username: string;
  readonly password: string;
}

/** Files are paths of PEM files, read again for each new connection, so that renewed certificates are taken up. */
export interface KafkaTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** One partition as the cluster describes it. */
export interface PartitionInfo {
  readonly partition: number;
  /** Node that takes its records; -1: none at the moment. */
  readonly leader: number;
}

/** One topic as the cluster describes it; `code` is a Kafka error code, 0 for none. */
export interface TopicInfo {
  readonly topic: string;
  readonly code: number;
  readonly partitions: readonly PartitionInfo[];
}

/** Answer to {@linkcode KafkaPort.metadata}. */
export interface ClusterInfo {
  readonly brokers: readonly { readonly node: number; readonly address: string }[];
  readonly topics: readonly TopicInfo[];
}

/** Answer to {@linkcode KafkaPort.producerId}; `id` and `epoch` count only when `code` is 0. */
export interface ProducerIdentity {
  readonly code: number;
  readonly id: bigint;
  readonly epoch: number;
}

/** One batch on its way: `buffer[begin, end)`, with {@linkcode PRODUCE_HEAD_BYTES} before `begin` for the port. */
export interface ProduceRequest {
  readonly node: number;
  readonly topic: string;
  readonly partition: number;
  /** -1 all in-sync replicas, 1 the leader, 0 nobody (the answer comes when the bytes are with the socket). */
  readonly acks: number;
  /** How long the broker may wait for its replicas. */
  readonly timeoutMs: number;
  readonly buffer: Uint8Array;
  readonly begin: number;
  readonly end: number;
  /** The batch is part of a transaction under this id; absent: of none. ASCII, at most 140 bytes. */
  readonly transactionalId?: string;
}

/** The broker's word on one batch. */
export interface ProduceReply {
  /** Kafka error code, 0 for none; names in {@linkcode kafkaErrorName}. */
  readonly code: number;
  readonly baseOffset: number;
}

/**
 * Connections to one cluster. Every call rejects with a RetriableError for what happened on the way (socket lost,
 * no answer in time: the connection is destroyed then) and with a PermanentError for a refused login or certificate;
 * what the broker says is in the answer's `code`. Nothing is tried twice in here.
 */
export interface KafkaPort {
  /**
   * Describes the topics (brokers only for an empty list); asks any broker that can be reached. A cluster that makes
   * topics by itself makes missing ones now, unless `mayCreate` is false.
   */
  metadata(topics: readonly string[], mayCreate?: boolean): Promise<ClusterInfo>;
  /** A new identity for idempotent writing. */
  producerId(): Promise<ProducerIdentity>;
  /**
   * Sends one batch. Requests to one node go out in the order of the calls. The bytes must stay as they are until
   * the promise settles; after that the port does not look at them again.
   */
  produce(request: ProduceRequest): Promise<ProduceReply>;
  /** What transactions need beyond that; absent where they cannot be had. */
  readonly transactions?: TransactionPort;
  /** Closes every connection, open requests reject. The port may be used again; it dials anew. */
  close(): void;
  /** What the brokers offer; `null` before the first connection. */
  readonly capabilities: KafkaCapabilities | null;
}

/** Who writes in a transaction. */
export interface TransactionWriter {
  readonly transactionalId: string;
  readonly id: bigint;
  readonly epoch: number;
}

/** One partition by name. */
export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Requests of a transactional producer, and the two that read its own topic back. As those of {@linkcode KafkaPort}:
 * `code` is what the broker says, everything on the way rejects. A PermanentError for a cluster without transactions.
 */
export interface TransactionPort {
  /** The node that keeps the state of a transactional id. */
  coordinator(transactionalId: string): Promise<{ readonly code: number; readonly node: number }>;
  /**
   * A new epoch for a transactional id: whoever wrote under it before is fenced, and what it had not committed is
   * aborted before the answer comes. The coordinator aborts transactions that take longer than `timeoutMs`.
   */
  fence(node: number, transactionalId: string, timeoutMs: number): Promise<ProducerIdentity>;
  /** Makes partitions part of the open transaction, which begins with the first; codes in the order of `partitions`. */
  addPartitions(
    node: number,
    writer: TransactionWriter,
    partitions: readonly PartitionName[],
  ): Promise<readonly number[]>;
  /** Commits or aborts; the answer is a Kafka error code. */
  end(node: number, writer: TransactionWriter, commit: boolean): Promise<number>;
  /** A setting of a topic, for instance `cleanup.policy`; `null` where the broker has no such setting. */
  topicSetting(
    node: number,
    topic: string,
    name: string,
  ): Promise<{ readonly code: number; readonly value: string | null }>;
  /** The first offset that a partition has. */
  firstOffset(node: number, at: PartitionName): Promise<{ readonly code: number; readonly offset: number }>;
  /** Whole record batches from an offset on, those of open and aborted transactions included; none at the end. */
  fetch(node: number, at: PartitionName, offset: number): Promise<FetchReply>;
}

/** Answer to {@linkcode TransactionPort.fetch}. */
export interface FetchReply {
  readonly code: number;
  /** End of what all replicas have. */
  readonly highWatermark: number;
  /** Record batches one after the other; the last one may be cut off. */
  readonly batches: Uint8Array;
}

/** Highest version of Produce that both sides speak; from 7 on brokers take zstd. */
export interface KafkaCapabilities {
  readonly produceVersion: number;
}

/** What the host offers to Kafka flushers under `host.kafka`. */
export interface KafkaHost {
  /** Opens nothing yet. Throws a PermanentError for settings that cannot work in this runtime. */
  open(settings: KafkaSettings): KafkaPort;
  /** Says why a PEM file cannot be used, `null` when it can. */
  checkPem(path: string): string | null;
}

/** Names of the error codes that a producer meets, as Kafka's protocol guide spells them. */
const NAMES: Readonly<Record<number, string>> = {
  [-1]: "UNKNOWN_SERVER_ERROR",
  0: "NONE",
  1: "OFFSET_OUT_OF_RANGE",
  2: "CORRUPT_MESSAGE",
  3: "UNKNOWN_TOPIC_OR_PARTITION",
  5: "LEADER_NOT_AVAILABLE",
  6: "NOT_LEADER_OR_FOLLOWER",
  7: "REQUEST_TIMED_OUT",
  8: "BROKER_NOT_AVAILABLE",
  9: "REPLICA_NOT_AVAILABLE",
  10: "MESSAGE_TOO_LARGE",
  13: "NETWORK_EXCEPTION",
  14: "COORDINATOR_LOAD_IN_PROGRESS",
  15: "COORDINATOR_NOT_AVAILABLE",
  16: "NOT_COORDINATOR",
  17: "INVALID_TOPIC_EXCEPTION",
  18: "RECORD_LIST_TOO_LARGE",
  19: "NOT_ENOUGH_REPLICAS",
  20: "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  21: "INVALID_REQUIRED_ACKS",
  29: "TOPIC_AUTHORIZATION_FAILED",
  31: "CLUSTER_AUTHORIZATION_FAILED",
  32: "INVALID_TIMESTAMP",
  33: "UNSUPPORTED_SASL_MECHANISM",
  34: "ILLEGAL_SASL_STATE",
  35: "UNSUPPORTED_VERSION",
  41: "NOT_CONTROLLER",
  42: "INVALID_REQUEST",
  43: "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  44: "POLICY_VIOLATION",
  45: "OUT_OF_ORDER_SEQUENCE_NUMBER",
  46: "DUPLICATE_SEQUENCE_NUMBER",
  47: "INVALID_PRODUCER_EPOCH",
  49: "INVALID_PRODUCER_ID_MAPPING",
  48: "INVALID_TXN_STATE",
  50: "INVALID_TRANSACTION_TIMEOUT",
  51: "CONCURRENT_TRANSACTIONS",
  53: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
  55: "OPERATION_NOT_ATTEMPTED",
  56: "KAFKA_STORAGE_ERROR",
  58: "SASL_AUTHENTICATION_FAILED",
  59: "UNKNOWN_PRODUCER_ID",
  72: "LISTENER_NOT_FOUND",
  74: "FENCED_LEADER_EPOCH",
  75: "UNKNOWN_LEADER_EPOCH",
  76: "UNSUPPORTED_COMPRESSION_TYPE",
  87: "INVALID_RECORD",
  89: "THROTTLING_QUOTA_EXCEEDED",
  90: "PRODUCER_FENCED",
  100: "UNKNOWN_TOPIC_ID",
};

/** The protocol's name of an error code, `ERROR_<n>` for one not in the table. */
export function kafkaErrorName(code: number): string {
  return NAMES[code] ?? `ERROR_${code}`;
}
