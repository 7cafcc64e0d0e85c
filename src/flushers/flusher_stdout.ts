import type { Batch } from "../core/batch.ts";
import type { Envelope } from "../core/envelope/envelope.ts";
import { ENVELOPE_PROTOCOLS, makeEnvelope } from "../core/envelope/make_envelope.ts";
import { EVENT_WRITERS, type EventWriters } from "../core/event_writer.ts";
import type { Sink } from "../core/lane.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { definePlugin, type Flusher, type FlusherContext, type Report } from "../core/plugin.ts";
import { choice, flag, integer, optional, options, type Static, text } from "../core/schema.ts";
import { EventQueue } from "./event_queue.ts";
import { PrettyRecord } from "./pretty_record.ts";

const schema = options({
  Format: choice("Form of a record: one of the envelopes, or `pretty` for eyes.", [
    ...ENVELOPE_PROTOCOLS,
    "pretty",
  ], {
    default: "sls_json",
  }),
  FileName: optional(
    text(
      "File to append to instead of standard output; synced before it counts as delivered. Never rolled.",
      {
        minLength: 1,
        examples: ["/var/log/events.jsonl"],
      },
    ),
  ),
  OnlyStdout: optional(flag("Writes to standard output.", {
    noEffect: "events go to standard output unless 'FileName' is given",
  })),
  KeyValuePairs: optional(flag("Chooses between two forms of a line.", {
    noEffect: "the form of a line is chosen with 'Format'",
  })),
  Tags: optional(flag("Prints the tags of a group of records before them.", {
    noEffect: "tags are part of every record",
  })),
  MaxSize: optional(integer("Bytes after which the file is rolled.", {
    noEffect: "the file is not rolled: lines that count as delivered would be lost",
  })),
  MaxRolls: optional(integer("Number of rolled files kept.", {
    noEffect: "the file is not rolled: lines that count as delivered would be lost",
  })),
});

type Options = Static<typeof schema>;

class StdoutSink implements Sink {
  readonly #queue: EventQueue;
  readonly #envelope: Envelope;

  constructor(queue: EventQueue, envelope: Envelope) {
    this.#queue = queue;
    this.#envelope = envelope;
  }

  room(): number {
    return this.#queue.room();
  }

  write(batch: Batch, entry: LedgerEntry): void {
    const queue = this.#queue;
    let written = false;
    for (let record = 0; record < batch.count; record++) {
      if (batch.first[record] < 0) continue;
      queue.reserve(this.#envelope.bytesMax(batch, record) + 1);
      const end = this.#envelope.encode(batch, record, queue.out, queue.used);
      queue.out[end] = 0x0a;
      queue.used = end + 1;
      written = true;
    }
    if (written) queue.add(entry);
  }

  caughtUp(): void {}

  close(): void {}
}

class StdoutFlusher implements Flusher {
  readonly #queue: EventQueue;
  readonly #envelope: Envelope;
  readonly #context: FlusherContext;

  constructor(given: Options, context: FlusherContext) {
    const writers = context.host[EVENT_WRITERS] as EventWriters | undefined;
    if (writers === undefined) throw new Error("BUG: the host offers no event writers");
    const { FileName, Format } = given;
    // One queue per place for the whole agent, so that lines of two pipelines never run into each other.
    this.#queue = context.shared(
      `event_queue:${FileName ?? ""}`,
      () =>
        new EventQueue(
          FileName ?? "standard output",
          FileName === undefined ? writers.stdout() : writers.file(FileName),
          context,
        ),
    );
    this.#queue.onRoom(context.wake);
    this.#envelope = Format === "pretty"
      ? new PrettyRecord(context.keys)
      : makeEnvelope({ protocol: Format, keys: context.keys });
    this.#context = context;
  }

  open(): Sink {
    return new StdoutSink(this.#queue, this.#envelope);
  }

  stop(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#context.clock.after(deadlineMs, resolve);
      this.#queue.drained().then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

function create(given: Options, context: FlusherContext, report: Report): Promise<Flusher> {
  if (given.OnlyStdout === true && given.FileName !== undefined) {
    report.warn(["OnlyStdout"], "STDOUT_AND_FILE", "events go to the file only, because 'FileName' is given");
  }
  return Promise.resolve(new StdoutFlusher(given, context));
}

/** Events for people and tests (iLogtail's options: reference 6.7). */
export const flusherStdout = definePlugin({
  kind: "flusher",
  type: "flusher_stdout",
  summary: "Writes each record as one line to standard output or to a file.",
  description:
    "Nothing stands before or behind the record; the agent's own log goes to standard error. A pipe that nobody " +
    "reads stops the reading of logs, and loses nothing.",
  schema,
  examples: [
    { title: "To standard output", config: "Type: flusher_stdout\n" },
    { title: "To a file", config: "Type: flusher_stdout\nFileName: /var/log/events.jsonl\n" },
  ],
  create,
});
