import { PermanentError, RetriableError } from "../core/errors.ts";
import type { EventWriter, EventWriters } from "../core/event_writer.ts";

/** Standard output and files of this machine; `stdoutClosed` is called when nobody reads standard output any more. */
export function eventWriters(
  stdoutClosed: () => void,
  stdout: { write(bytes: Uint8Array): Promise<number> } = Deno.stdout,
): EventWriters {
  return {
    stdout: () => ({
      async write(bytes) {
        try {
          return await stdout.write(bytes);
        } catch (error) {
          if (!(error instanceof Deno.errors.BrokenPipe)) throw notWritten("standard output", error);
          stdoutClosed();
          throw new PermanentError("STDOUT_CLOSED", "Nobody reads standard output any more", {
            cause: error,
          });
        }
      },
      sync: () => Promise.resolve(),
      close() {},
    }),
    file: (path) => new FileEventWriter(path),
  };
}

class FileEventWriter implements EventWriter {
  readonly #path: string;
  #file: Deno.FsFile | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.#file ??= await orRetry(this.#path, openWholeLines(this.#path));
    return await orRetry(this.#path, this.#file.write(bytes));
  }

  async sync(): Promise<void> {
    if (this.#file !== null) await orRetry(this.#path, this.#file.syncData());
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}

/** Opens for appending and ends a line that was left open. */
async function openWholeLines(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { read: true, append: true, create: true });
  try {
    const { size } = await file.stat();
    if (size > 0) {
      const last = new Uint8Array(1);
      await file.seek(size - 1, Deno.SeekMode.Start);
      if (await file.read(last) === 1 && last[0] !== 0x0a) await file.write(NEWLINE);
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

const NEWLINE = new Uint8Array([0x0a]);

async function orRetry<T>(place: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw notWritten(place, error);
  }
}

function notWritten(place: string, cause: unknown): RetriableError {
  return new RetriableError("EVENTS_NOT_WRITTEN", `Cannot write events to '${place}'`, { cause });
}
