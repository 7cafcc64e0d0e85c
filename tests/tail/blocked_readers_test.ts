import assert from "node:assert/strict";
import { BlockedReaders } from "../../src/tail/blocked_readers.ts";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { TestOutput } from "../support/tail_world.ts";
import { ReaderBed } from "./reader_bed.ts";

/** What lanes share, and whether it has room. */
class Client {
  room = 0;
  asked = 0;
}

class Output extends TestOutput {
  constructor(readonly client: Client) {
    super();
  }

  override room(): number {
    this.client.asked++;
    return this.client.room;
  }
}

function readers(bed: ReaderBed, client: Client, count: number, folder: string): FileReader[] {
  return Array.from({ length: count }, (_, i) => {
    bed.files.write(`/${folder}/${i}.log`, "one\n");
    return bed.read(`/${folder}/${i}.log`, [new Output(client)]);
  });
}

function blocked(...all: FileReader[][]): BlockedReaders {
  const readers = new BlockedReaders();
  for (const reader of all.flat()) readers.add(reader);
  return readers;
}

Deno.test("BlockedReaders gives those that have room, in the order in which they stopped, each once", () => {
  const client = new Client();
  const all = readers(new ReaderBed(), client, 3, "a");
  const waiting = blocked(all, all);
  assert.deepEqual([waiting.size, waiting.asking, waiting.next()], [3, false, undefined]);
  client.room = 1;
  waiting.ask(false);
  assert.equal(waiting.next(), all[0]);
  assert.deepEqual([waiting.has(all[0]), waiting.has(all[1])], [false, true]);
  waiting.add(all[0]);
  assert.equal(waiting.next(), all[1]);
  assert.equal(waiting.next(), all[2]);
  assert.equal(waiting.next(), undefined);
  assert.equal(waiting.asking, false, "each is asked once");
  waiting.add(all[1]);
  waiting.delete(all[0]);
  waiting.ask(false);
  assert.equal(waiting.next(), all[1]);
  assert.equal(waiting.ask(false), false);
});

Deno.test("BlockedReaders asks few of many when none has room, and all at a poll", () => {
  const client = new Client();
  const waiting = blocked(readers(new ReaderBed(), client, 500, "a"));
  waiting.ask(false);
  assert.equal(waiting.next(), undefined);
  assert.ok(client.asked > 0 && client.asked < 100, `${client.asked} were asked`);
  client.asked = 0;
  waiting.ask(true);
  waiting.ask(false);
  assert.equal(waiting.next(), undefined);
  assert.equal(client.asked, 500);
});

Deno.test("BlockedReaders asks others in turn, so that none waits for ever", () => {
  const client = new Client();
  const all = readers(new ReaderBed(), client, 200, "a");
  const waiting = blocked(all);
  const got = new Set<FileReader>();
  for (let wake = 0; wake < 200; wake++) {
    client.room = 1;
    waiting.ask(false);
    const reader = waiting.next()!;
    got.add(reader);
    client.room = 0;
    assert.equal(waiting.next(), undefined);
    waiting.add(reader);
  }
  assert.ok(got.size > 190, `${got.size} of 200 had their turn`);
});

Deno.test("BlockedReaders reaches those of a client with room behind any number of those of one without", () => {
  const bed = new ReaderBed();
  const [dead, live] = [new Client(), new Client()];
  const waiting = blocked(readers(bed, dead, 500, "a"), readers(bed, live, 2, "b"));
  live.room = 1;
  waiting.ask(false);
  assert.ok(waiting.next() !== undefined && waiting.next() !== undefined);
  assert.equal(waiting.next(), undefined);
  assert.equal(waiting.size, 500);
});
