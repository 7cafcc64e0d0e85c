import assert from "node:assert/strict";
import type { FromWorker, ToWorker } from "../../../src/cli/workers/messages.ts";
import { PortWriters } from "../../../src/cli/workers/port_writers.ts";
import { PostedEvents } from "../../../src/cli/workers/posted_events.ts";
import { PermanentError, RetriableError } from "../../../src/core/errors.ts";
import type { EventWriter, EventWriters } from "../../../src/core/event_writer.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (words: string) => new TextEncoder().encode(words);

/** A pipe that takes three bytes at a time, each later. */
class Pipe implements EventWriter {
  out = "";
  syncs = 0;
  closed = false;
  /** Thrown when so much was written. */
  fails: { readonly at: number; readonly error: Error } | null = null;

  async write(given: Uint8Array): Promise<number> {
    await Promise.resolve();
    const { fails } = this;
    if (fails !== null && this.out.length >= fails.at) throw fails.error;
    this.out += text(given.subarray(0, 3));
    return Math.min(3, given.length);
  }

  sync(): Promise<void> {
    this.syncs++;
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

class Bed {
  readonly stdout = new Pipe();
  readonly file = new Pipe();
  readonly opened: string[] = [];
  readonly real: EventWriters = {
    stdout: () => (this.opened.push("-"), this.stdout),
    file: (path) => (this.opened.push(path), this.file),
  };
  readonly events = new PostedEvents(this.real);

  /** A worker's end of the way. */
  worker(): PortWriters {
    const writers: PortWriters = new PortWriters({
      post: (message: FromWorker) => {
        if (message.kind !== "write" && message.kind !== "sync") return;
        this.events.take(structuredClone(message), (answer: ToWorker) => writers.take(answer as never));
      },
      ask: () => "",
      onMessage() {},
    });
    return writers;
  }
}

Deno.test("PostedEvents keeps the events of each worker whole where the system takes them in parts", async () => {
  const bed = new Bed();
  const [one, other] = [bed.worker().stdout(), bed.worker().stdout()];
  const wrote = await Promise.all([
    one.write(bytes("aaaaaaa\n")),
    other.write(bytes("bbbbb\n")),
    one.write(bytes("cccc\n")),
  ]);
  assert.deepEqual(wrote, [8, 6, 5]);
  assert.equal(bed.stdout.out, "aaaaaaa\nbbbbb\ncccc\n");
  assert.deepEqual(bed.opened, ["-"]);
});

Deno.test("PostedEvents opens each file once for all workers, syncs it, and closes it in the end", async () => {
  const bed = new Bed();
  for (const worker of [bed.worker(), bed.worker()]) {
    const file = worker.file("/out");
    await file.write(bytes("x\n"));
    await file.sync();
    file.close();
  }
  assert.deepEqual([bed.opened, bed.file.out, bed.file.syncs, bed.file.closed], [
    ["/out"],
    "x\nx\n",
    2,
    false,
  ]);
  bed.events.close();
  assert.equal(bed.file.closed, true);
});

Deno.test("PostedEvents tells how much was written before a failure, and then whether to try again", async () => {
  const bed = new Bed();
  const writer = bed.worker().stdout();
  bed.stdout.fails = { at: 3, error: new RetriableError("EVENTS_NOT_WRITTEN", "Full") };
  assert.equal(await writer.write(bytes("abcdef")), 3);
  await assert.rejects(
    writer.write(bytes("def")),
    (error) => error instanceof RetriableError && error.message === "Full",
  );
  bed.stdout.fails = { at: 0, error: new PermanentError("STDOUT_CLOSED", "Nobody reads") };
  await assert.rejects(
    writer.write(bytes("def")),
    (error) => error instanceof PermanentError && error.code === "STDOUT_CLOSED",
  );
  bed.stdout.fails = null;
  assert.equal(await writer.write(bytes("def")), 3);
  assert.equal(bed.stdout.out, "abcdef");
});
