import type { Codec } from "../../core/codec.ts";
import {
  kafkaErrorName,
  type PartitionName,
  type ProducerIdentity,
  type TransactionPort,
  type TransactionWriter,
} from "../../core/kafka_port.ts";
import { remedyOf } from "./verdict.ts";
import { type Committed, ResumeReader, unreadable } from "./resume_records.ts";

/** The coordinator aborts a transaction that is open for so long: a dead agent's must not hide others for longer. */
export const TRANSACTION_TIMEOUT_MS = 60_000;

/** A broker's refusal. */
export class Refused extends Error {
  readonly code: number;

  constructor(code: number) {
    super(kafkaErrorName(code));
    this.code = code;
  }
}

/** The coordinator is another one now, or is not ready. */
const NOT_HERE: ReadonlySet<number> = new Set([14, 15, 16]);
/** Another wrote under the id since, or the coordinator gave the transaction up. */
const FENCED: ReadonlySet<number> = new Set([47, 90]);
/** What the coordinator holds is not what we think. */
const LOST: ReadonlySet<number> = new Set([48, 49, 120]);

/** What to do about a code of a coordinator: try again, look who else writes, or begin anew with what was not committed. */
export function coordinatorVerdict(code: number): "again" | "fenced" | "lost" {
  return FENCED.has(code) ? "fenced" : LOST.has(code) ? "lost" : "again";
}

/** What a person can do about a code, as {@linkcode remedyOf} says it of batches. */
export function transactionRemedy(code: number, resumeTopic: string): string {
  switch (code) {
    case 50:
      return "let the brokers' transaction.max.timeout.ms be 60000 or more";
    case 53:
      return "allow this user Describe and Write on transactional ids that begin with 'denotail-'";
    default:
      return remedyOf(code, resumeTopic);
  }
}

/** The requests of one transactional id: each finds the coordinator, and throws {@linkcode Refused} for its codes. */
export class TransactionCalls {
  readonly id: string;
  readonly #port: TransactionPort;
  readonly #codecOf: (id: number) => Codec | undefined;
  #node = -1;

  constructor(id: string, port: TransactionPort, codecOf: (id: number) => Codec | undefined) {
    this.id = id;
    this.#port = port;
    this.#codecOf = codecOf;
  }

  fence(): Promise<ProducerIdentity> {
    return this.#toCoordinator(async (node) => {
      const identity = await this.#port.fence(node, this.id, TRANSACTION_TIMEOUT_MS);
      return [identity.code, identity];
    });
  }

  /** Throws the first code of a partition that did not go in. */
  addPartitions(writer: TransactionWriter, partitions: readonly PartitionName[]): Promise<void> {
    return this.#toCoordinator(async (node) => {
      const codes = await this.#port.addPartitions(node, writer, partitions);
      // Where one is refused, the others are "not attempted".
      return [
        codes.find((code) => code !== 0 && code !== 55) ?? codes.find((code) => code !== 0) ?? 0,
        undefined,
      ];
    });
  }

  commit(writer: TransactionWriter): Promise<void> {
    return this.#toCoordinator(async (node) => [await this.#port.end(node, writer, true), undefined]);
  }

  /** Everything that the id has committed in a partition, up to where it ends now. */
  async read(leader: number, at: PartitionName): Promise<Committed> {
    const first = await this.#port.firstOffset(leader, at);
    if (first.code !== 0) throw new Refused(first.code);
    const reader = new ResumeReader(this.id, this.#codecOf);
    let { offset } = first;
    for (let end = Infinity; offset < end;) {
      const { code, highWatermark, batches } = await this.#port.fetch(leader, at, offset);
      if (code !== 0) throw new Refused(code);
      if (end === Infinity) end = highWatermark;
      if (offset >= end) break;
      const next = reader.take(batches);
      if (next === null || next <= offset) throw unreadable("it ends before its end");
      offset = next;
    }
    return reader.committed();
  }

  /** How the brokers clean a topic up: `compact`, `delete` or both. */
  async cleanupPolicy(node: number, topic: string): Promise<string> {
    const { code, value } = await this.#port.topicSetting(node, topic, "cleanup.policy");
    if (code !== 0) throw new Refused(code);
    return value ?? "";
  }

  async #toCoordinator<T>(ask: (node: number) => Promise<[code: number, answer: T]>): Promise<T> {
    if (this.#node < 0) {
      const { code, node } = await this.#port.coordinator(this.id);
      if (code !== 0) throw new Refused(code);
      this.#node = node;
    }
    try {
      const [code, answer] = await ask(this.#node);
      if (NOT_HERE.has(code)) this.#node = -1;
      if (code !== 0) throw new Refused(code);
      return answer;
    } catch (error) {
      if (!(error instanceof Refused)) this.#node = -1;
      throw error;
    }
  }
}
