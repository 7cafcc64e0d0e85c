/** Key under which `FlusherContext.host` holds an {@linkcode EventWriters}. */
export const EVENT_WRITERS = "eventWriter";

/** One place to which whole events are appended. */
export interface EventWriter {
  /**
   * Appends some of the bytes, from their begin, and tells how many (at least one). Resolves when the system has
   * taken them: a pipe that nobody reads keeps it waiting, and that is the back-pressure. Rejects with an
   * `RetriableError` when nothing was written; the caller tries again. A `PermanentError` says that there is no way
   * back: a pipe whose reader has gone.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Resolves when all that was written would survive a power cut; at once where that means nothing (stdout). */
  sync(): Promise<void>;
  close(): void;
}

/** Where `flusher_stdout` writes. Nothing is opened before the first write. */
export interface EventWriters {
  stdout(): EventWriter;
  /**
   * A file, made when it is missing, appended to when not. When it ends inside a line (the process was killed while
   * writing), a newline comes first, so that the next event stands on its own line.
   */
  file(path: string): EventWriter;
}
