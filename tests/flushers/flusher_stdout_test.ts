import assert from "node:assert/strict";
import { PermanentError, RetriableError } from "../../src/core/errors.ts";
import { EVENT_WRITERS, type EventWriter, type EventWriters } from "../../src/core/event_writer.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { Ledger } from "../../src/core/ledger.ts";
import type { FlusherContext, Plugin } from "../../src/core/plugin.ts";
import { TagSet } from "../../src/core/tags.ts";
import { EVENT_QUEUE_BYTES_MAX } from "../../src/flushers/event_queue.ts";
import { flusherStdout } from "../../src/flushers/flusher_stdout.ts";
import { testContext, testReport } from "../support/plugin_context.ts";
import { makeBatch, pluginOptions } from "../support/run_processors.ts";
import { settle, VirtualClock } from "../support/virtual_clock.ts";

/** A writer in memory: takes at most `step` bytes a time, waits while `closed`, fails while `failing`. */
class MemoryWriter implements EventWriter {
  text = "";
  synced = 0;
  step = Infinity;
  closed = false;
  failing = false;
  #waiting: (() => void)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    if (this.closed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.failing) throw new RetriableError("EVENTS_NOT_WRITTEN", "no space");
    const taken = Math.min(this.step, bytes.length);
    this.text += new TextDecoder().decode(bytes.subarray(0, taken));
    return taken;
  }

  sync(): Promise<void> {
    this.synced = this.text.length;
    return Promise.resolve();
  }

  close(): void {}

  open(): void {
    this.closed = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

async function setUp(options: Record<string, unknown> = {}, budgetBytes = Infinity) {
  const keys = new KeyTable();
  const clock = new VirtualClock();
  const writer = new MemoryWriter();
  const asked: string[] = [];
  const shared = new Map<string, unknown>();
  const holder = { used: 0, stalled: false, cap: () => budgetBytes, close() {} };
  const test = testContext(keys);
  let wakes = 0;
  const writers: EventWriters = {
    stdout: () => (asked.push("stdout"), writer),
    file: (path) => (asked.push(path), writer),
  };
  const context = {
    ...test,
    clock,
    random: () => 0.5,
    node: "node",
    wake: () => void wakes++,
    shared: <T>(key: string, make: () => T): T => {
      if (!shared.has(key)) shared.set(key, make());
      return shared.get(key) as T;
    },
    host: { [EVENT_WRITERS]: writers },
    budget: { holder: () => holder },
  };
  const report = testReport();
  const plugin = flusherStdout as unknown as Plugin<"flusher">;
  const make = () =>
    plugin.create(pluginOptions(plugin, options), context as unknown as FlusherContext, report);
  const flusher = await make();
  const ledger = new Ledger({ done: [0] }, () => {});
  const tags = new TagSet([{ key: "_pod_name_", value: "p" }]);
  let read = 0;
  const write = (values: string[], sink = flusher.open({ key: "s", tags })) => {
    const batch = makeBatch(keys, values.map((value) => [["content", value]]), "arena", tags);
    for (let record = 0; record < batch.count; record++) batch.appendTags(record);
    const entry = ledger.open({ done: [++read] });
    sink.write(batch, entry);
    entry.settle();
  };
  const safe = () => ledger.safe.done[0];
  const sink = flusher.open({ key: "s", tags });
  return { flusher, make, sink, writer, write, safe, clock, holder, asked, report, test, wakes: () => wakes };
}

const lines = (text: string) =>
  text.split("\n").slice(0, -1).map((line) => JSON.parse(line).Contents[0].Value);

Deno.test("flusher_stdout writes one envelope a line and settles behind the write", async () => {
  const { writer, write, safe, asked } = await setUp();
  write(["one", "two\nlines"]);
  assert.equal(safe(), 0);
  await settle();
  assert.equal(
    writer.text.split("\n")[0],
    '{"Time":1700000000,"Contents":[{"Key":"content","Value":"one"},{"Key":"_pod_name_","Value":"p"}]}',
  );
  assert.deepEqual(lines(writer.text), ["one", "two\nlines"]);
  assert.equal(safe(), 1);
  assert.deepEqual(asked, ["stdout"]);
});

Deno.test("flusher_stdout writes a file's lines again when they could not be synced", async () => {
  const { writer, write, safe, clock } = await setUp({ FileName: "/var/log/out.jsonl" });
  const sync = writer.sync.bind(writer);
  writer.sync = () => Promise.reject(new RetriableError("EVENTS_NOT_WRITTEN", "I/O error"));
  write(["one"]);
  await settle();
  assert.equal(safe(), 0);
  // The kernel forgets what it failed to write: the next sync says that all is well.
  writer.text = "";
  writer.sync = sync;
  await clock.run(1000);
  assert.deepEqual(lines(writer.text), ["one"]);
  assert.equal(safe(), 1);
});

Deno.test("flusher_stdout settles a file only when it is synced", async () => {
  const { writer, write, safe, asked } = await setUp({ FileName: "/var/log/out.jsonl" });
  let release = () => {};
  writer.sync = () => new Promise((resolve) => release = resolve);
  write(["one"]);
  await settle();
  assert.deepEqual(lines(writer.text), ["one"]);
  assert.equal(safe(), 0);
  release();
  await settle();
  assert.equal(safe(), 1);
  assert.deepEqual(asked, ["/var/log/out.jsonl"]);
});

Deno.test("flusher_stdout has no room while the pipe is full, and wakes when it drains", async () => {
  const { sink, writer, write, safe, holder, wakes, clock } = await setUp();
  writer.closed = true;
  let written = 0;
  while (sink.room() > 0) write([`${written++}`.padEnd(1000, ".")]);
  assert.ok(holder.used >= EVENT_QUEUE_BYTES_MAX && holder.used < EVENT_QUEUE_BYTES_MAX + 3000);
  clock.advance(10_000);
  assert.equal(sink.room(), 0);
  assert.equal(holder.stalled, true);
  assert.equal(wakes(), 0);
  writer.open();
  await settle();
  assert.equal(sink.room(), EVENT_QUEUE_BYTES_MAX);
  assert.equal(holder.stalled, false);
  assert.equal(holder.used, 0);
  assert.ok(wakes() > 0);
  assert.equal(safe(), written);
  assert.deepEqual(
    lines(writer.text).map((value) => parseInt(value)),
    Array.from({ length: written }, (_, i) => i),
  );
});

Deno.test("flusher_stdout keeps within its part of the budget", async () => {
  const { sink, writer, write } = await setUp({}, 5000);
  writer.closed = true;
  assert.equal(sink.room(), 5000);
  write(["x".repeat(4000)]);
  assert.ok(sink.room() < 1000);
});

Deno.test("flusher_stdout goes on at the byte it got to when writing fails", async () => {
  const { writer, write, safe, clock, test } = await setUp();
  writer.step = 10;
  let calls = 0;
  const plain = writer.write.bind(writer);
  writer.write = (bytes) => {
    writer.failing = ++calls >= 4 && calls < 9;
    return plain(bytes);
  };
  write(["one", "two"]);
  write(["three"]);
  for (let i = 0; i < 60; i++) await clock.run(2_000);
  assert.deepEqual(lines(writer.text), ["one", "two", "three"]);
  assert.equal(safe(), 2);
  assert.equal(test.count("denotail_events_write_failures_total"), 5);
  assert.ok(test.said.length > 0);
});

Deno.test("flusher_stdout gives up, settles nothing and keeps nobody waiting when its reader has gone", async () => {
  const { flusher, sink, writer, write, safe, clock, test } = await setUp();
  writer.write = () => Promise.reject(new PermanentError("STDOUT_CLOSED", "gone"));
  write(["one"]);
  await clock.run(0);
  write(["two"]);
  assert.equal(sink.room(), 0);
  let stopped = false;
  flusher.stop(10_000).then(() => stopped = true);
  await clock.run(60_000);
  assert.equal(stopped, true);
  assert.equal(safe(), 0);
  assert.deepEqual(test.said.map(({ level, message }) => `${level} ${message}`), [
    "error Events cannot be written any more",
  ]);
});

Deno.test("flusher_stdout settles batches of which nothing is left", async () => {
  const { write, safe } = await setUp();
  write([]);
  await settle();
  assert.equal(safe(), 1);
});

Deno.test("flusher_stdout.stop waits for what is written, and not past the deadline", async () => {
  const { flusher, writer, write, clock } = await setUp();
  writer.closed = true;
  write(["one"]);
  let stopped = 0;
  flusher.stop(1000).then(() => stopped++);
  await clock.run(999);
  assert.equal(stopped, 0);
  await clock.run(1);
  assert.equal(stopped, 1);
  flusher.stop(1000).then(() => stopped++);
  writer.open();
  await settle(50);
  assert.equal(stopped, 2);
  assert.equal(clock.pending, 0);
});

Deno.test("flusher_stdout shares one writer among pipelines", async () => {
  const { make, asked } = await setUp();
  await make();
  assert.deepEqual(asked, ["stdout"]);
});

Deno.test("flusher_stdout prints records for eyes when Format is pretty", async () => {
  const { writer, write } = await setUp({ Format: "pretty" });
  write(["one\ntwo\x1b[31m"]);
  await settle();
  assert.equal(
    writer.text,
    "2023-11-14T22:13:20.123Z\n  content         one\n                  two\\x1b[31m\n  _pod_name_      p\n",
  );
});

Deno.test("flusher_stdout warns when OnlyStdout and FileName are both there", async () => {
  const { report } = await setUp({ FileName: "/x", OnlyStdout: true });
  assert.deepEqual(report.problems, ["warn OnlyStdout STDOUT_AND_FILE"]);
});
