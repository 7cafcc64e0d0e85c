import { PermanentError, RetriableError } from "../../core/errors.ts";
import type { EventWriter, EventWriters } from "../../core/event_writer.ts";
import type { ParentThread } from "../../core/worker_thread.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

type Answer = Extract<ToWorker, { kind: "written" | "unwritten" }>;

/**
 * A worker's way to standard output and to files of events. The main thread writes them: two threads on one pipe would
 * cut into each other's lines wherever the system takes only a part.
 */
export class PortWriters implements EventWriters {
  readonly #link: ParentThread<FromWorker, ToWorker>;
  readonly #waiting: Map<number, PromiseWithResolvers<number>> = new Map();
  #lastId = 0;

  constructor(link: ParentThread<FromWorker, ToWorker>) {
    this.#link = link;
  }

  stdout(): EventWriter {
    return this.#writer(null);
  }

  file(path: string): EventWriter {
    return this.#writer(path);
  }

  /** The main thread answered. */
  take(answer: Answer): void {
    const asked = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "written") asked?.resolve(answer.bytes);
    else {
      const { code, message, isFinal } = answer;
      asked?.reject(isFinal ? new PermanentError(code, message) : new RetriableError(code, message));
    }
  }

  #writer(path: string | null): EventWriter {
    return {
      write: (bytes) => this.#ask((id) => ({ kind: "write", id, path, bytes: bytes.slice() })),
      sync: async () => {
        await this.#ask((id) => ({ kind: "sync", id, path }));
      },
      close() {},
    };
  }

  #ask(message: (id: number) => FromWorker): Promise<number> {
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<number>();
    this.#waiting.set(id, asked);
    this.#link.post(message(id));
    return asked.promise;
  }
}
