/**
 * What a producer does about a broker's error code. Classified by what the code means, never by a client library's
 * `retriable` flag (kafkajs calls a refused connection not retriable).
 */
export type Verdict =
  /** Written. */
  | "done"
  /** The broker cannot now: same bytes again, after a pause. */
  | "later"
  /** Another node leads the partition: ask for metadata, then again. */
  | "moved"
  /** Nothing for this topic goes through until a person acts: only this topic is parked. */
  | "topic"
  /** The batch is above the broker's limit: split it, or shrink its only record. */
  | "too_large"
  /** A sequence is missing: follows from a failure before it, or the broker's state is gone. */
  | "sequence"
  /** The broker has forgotten this producer in this partition. */
  | "forgotten"
  /** The producer's identity is worth nothing any more. */
  | "identity";

const VERDICTS: Readonly<Record<number, Verdict>> = {
  0: "done",
  // DUPLICATE_SEQUENCE_NUMBER: an earlier try got through, only its answer was lost.
  46: "done",
  3: "moved",
  5: "moved",
  6: "moved",
  9: "moved",
  56: "moved",
  72: "moved",
  74: "moved",
  75: "moved",
  100: "moved",
  17: "topic",
  29: "topic",
  32: "topic",
  43: "topic",
  44: "topic",
  76: "topic",
  87: "topic",
  10: "too_large",
  18: "too_large",
  45: "sequence",
  59: "forgotten",
  47: "identity",
  49: "identity",
  90: "identity",
};

/** See {@linkcode Verdict}; unknown codes are worth another try. */
export function verdictOf(code: number): Verdict {
  return VERDICTS[code] ?? "later";
}

/** What a person can do about a code, one sentence without its period; empty when nothing. */
export function remedyOf(code: number, topic: string): string {
  switch (code) {
    case 3:
      return `create the topic '${topic}', or let the brokers create topics (auto.create.topics.enable)`;
    case 17:
      return `correct the topic's name '${topic}'`;
    case 29:
      return `allow this user to Describe and Write the topic '${topic}'`;
    case 31:
      return "allow this user IdempotentWrite on the cluster, or set 'RequiredAcks: 1'";
    case 32:
      return "set 'RecordTimestamp: sending', or widen the topic's message.timestamp limits";
    case 43:
      return "the topic's message format is older than Kafka 0.11; upgrade it";
    case 44:
      return "the cluster's policy refuses these records; ask its administrator";
    case 76:
      return "set a 'Compression' that the topic and the brokers take";
    case 87:
      return `the topic '${topic}' refuses the records as they are; a compacted topic needs keys ` +
        "('PartitionerType: hash')";
    default:
      return "";
  }
}
