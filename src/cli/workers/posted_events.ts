import { AgentError, describeError, PermanentError } from "../../core/errors.ts";
import type { EventWriter, EventWriters } from "../../core/event_writer.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

type Asked = Extract<FromWorker, { kind: "write" | "sync" }>;
type Answer = Extract<ToWorker, { kind: "written" | "unwritten" }>;

/** One place, and what was asked of it last. */
interface Place {
  readonly writer: EventWriter;
  last: Promise<void>;
}

/** Writes events of several workers, one message after the other, so that the lines of each stay whole. */
export class PostedEvents {
  readonly #writers: EventWriters;
  readonly #places: Map<string | null, Place> = new Map();

  constructor(writers: EventWriters) {
    this.#writers = writers;
  }

  /** Does what a worker asked for, then answers. */
  take(asked: Asked, answer: (message: Answer) => void): void {
    const place = this.#places.get(asked.path) ?? this.#open(asked.path);
    place.last = place.last.then(async () => answer(await done(place.writer, asked)));
  }

  close(): void {
    for (const { writer } of this.#places.values()) writer.close();
  }

  #open(path: string | null): Place {
    const writer = path === null ? this.#writers.stdout() : this.#writers.file(path);
    const place = { writer, last: Promise.resolve() };
    this.#places.set(path, place);
    return place;
  }
}

/** All bytes of a message, or those up to a failure: the worker asks again for the rest. */
async function done(writer: EventWriter, asked: Asked): Promise<Answer> {
  const { id } = asked;
  let bytes = 0;
  try {
    if (asked.kind === "sync") await writer.sync();
    else while (bytes < asked.bytes.length) bytes += await writer.write(asked.bytes.subarray(bytes));
    return { kind: "written", id, bytes };
  } catch (error) {
    if (bytes > 0) return { kind: "written", id, bytes };
    const code = error instanceof AgentError ? error.code : "EVENTS_NOT_WRITTEN";
    return {
      kind: "unwritten",
      id,
      code,
      message: describeError(error),
      isFinal: error instanceof PermanentError,
    };
  }
}
