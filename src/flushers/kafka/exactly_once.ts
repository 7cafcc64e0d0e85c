import type { Codec, Codecs } from "../../core/codec.ts";
import { CODEC_NAMES } from "../../core/codec.ts";
import type { KafkaPort } from "../../core/kafka_port.ts";
import { PermanentError } from "../../core/errors.ts";
import type { FlusherContext, Keeping, Report } from "../../core/plugin.ts";
import type { KafkaOptions } from "./kafka_options.ts";
import { fnv1a } from "./partitioner.ts";
import type { TransactionSetup } from "./transaction_host.ts";
import { isTopicName } from "./topic_template.ts";
import { TransactionCalls } from "./transaction_calls.ts";

/** Under this name the checkpoint folder knows its own part of transactional ids. */
const ID_NOTE = "kafka transactional id";

/** What `Delivery: exactly_once` cannot go together with. */
export function checkDelivery(options: KafkaOptions, keeping: Keeping, report: Report): void {
  const error = (path: string, code: string, message: string, expected: string) =>
    report.error([path], code, message, expected);
  if (options.RequiredAcks !== -1) {
    error(
      "RequiredAcks",
      "KAFKA_EXACTLY_ONCE_ACKS",
      "transactions need the acknowledgement of all replicas",
      "-1",
    );
  }
  if (!isTopicName(options.ResumeTopic) || options.ResumeTopic === options.Topic) {
    error(
      "ResumeTopic",
      "KAFKA_TOPIC",
      `'${options.ResumeTopic}' cannot be the topic of resume points`,
      "the name of a compacted topic that holds nothing else",
    );
  }
  if (keeping.workers > 1) {
    error(
      "Delivery",
      "KAFKA_EXACTLY_ONCE_WORKERS",
      "'exactly_once' works with one thread only, so far",
      "no '--workers', or 'at_least_once'",
    );
  }
  if (!keeping.outlives) {
    error(
      "Delivery",
      "KAFKA_EXACTLY_ONCE_CHECKPOINT",
      "'exactly_once' keeps its identity in the checkpoint folder, and there is none",
      "a folder under '--checkpoint', or 'at_least_once'",
    );
  }
}

/** Who this flusher is among all that write transactions: the same over restarts, another one with another folder. */
export function transactionSetup(
  topic: string,
  bootstrap: string,
  port: KafkaPort,
  context: FlusherContext,
): TransactionSetup {
  const { keeping, pipeline, id: flusher } = context;
  if (port.transactions === undefined) {
    throw new PermanentError("KAFKA_NO_TRANSACTIONS", "This program has no transactions for Kafka");
  }
  const folder = folderId(context);
  const id = `denotail-${folder}-${hex(`${pipeline}\n${flusher}`)}${hex(`${flusher}\n${pipeline}`)}`;
  const note = `kafka resume partition ${id}`;
  let pinned = -1;
  return {
    calls: new TransactionCalls(id, port.transactions, codecTable(context.host.codecs as Codecs)),
    topic,
    bootstrap,
    place: (partitions) => {
      if (pinned >= 0 && pinned < partitions) return pinned;
      pinned = Number(keeping.note(note) ?? -1);
      if (pinned >= 0 && pinned < partitions) return pinned;
      pinned = (fnv1a(new TextEncoder().encode(id)) >>> 0) % partitions;
      try {
        keeping.setNote(note, String(pinned));
      } catch {
        // It is the same next time, unless partitions are added before.
      }
      return pinned;
    },
  };
}

function folderId({ keeping, random }: FlusherContext): string {
  const known = keeping.note(ID_NOTE);
  if (known !== null) return known;
  const made = Math.floor(random() * 2 ** 48).toString(16).padStart(12, "0");
  keeping.setNote(ID_NOTE, made);
  return made;
}

function hex(text: string): string {
  return (fnv1a(new TextEncoder().encode(text)) >>> 0).toString(16).padStart(8, "0");
}

/** Codecs by number, made ready in the background: needed only where a topic or its cleaner has compressed. */
function codecTable(codecs: Codecs): (id: number) => Codec | undefined {
  const loaded = new Map<number, Codec>();
  for (const name of CODEC_NAMES) {
    if (name === "none") continue;
    codecs.load(name).then((codec) => codec !== null && loaded.set(codec.id, codec), () => {});
  }
  return (id) => loaded.get(id);
}
