import assert from "node:assert/strict";
import { PermanentError, RetriableError } from "../../src/core/errors.ts";
import { eventWriters } from "../../src/host/event_writer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("eventWriters.file appends whole lines to what is there", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/events.jsonl`;
  try {
    for (const [before, after] of [["", ""], ["old\n", "old\n"], ["broken li", "broken li\n"]]) {
      await Deno.writeTextFile(path, before);
      const writer = eventWriters(() => {}).file(path);
      assert.equal(await writer.write(bytes("one\n")), 4);
      await writer.write(bytes("two\n"));
      await writer.sync();
      writer.close();
      assert.equal(await Deno.readTextFile(path), `${after}one\ntwo\n`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("eventWriters.file opens nothing before the first write and tries again after a failure", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/below/events.jsonl`;
  try {
    const writer = eventWriters(() => {}).file(path);
    await writer.sync();
    await assert.rejects(writer.write(bytes("x\n")), RetriableError);
    await Deno.mkdir(`${folder}/below`);
    await writer.write(bytes("x\n"));
    writer.close();
    assert.equal(await Deno.readTextFile(path), "x\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("eventWriters.stdout says when nobody reads any more, and tries other failures again", async () => {
  let closed = 0;
  let error: Error = new Deno.errors.BrokenPipe("gone");
  const writer = eventWriters(() => closed++, { write: () => Promise.reject(error) }).stdout();
  await assert.rejects(
    writer.write(bytes("x")),
    (thrown) => thrown instanceof PermanentError && thrown.code === "STDOUT_CLOSED",
  );
  assert.equal(closed, 1);
  error = new Error("disk full");
  await assert.rejects(writer.write(bytes("x")), RetriableError);
  assert.equal(closed, 1);
});
