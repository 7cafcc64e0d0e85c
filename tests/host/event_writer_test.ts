import assert from "node:assert/strict";
import { RetriableError } from "../../src/core/errors.ts";
import { hostEventWriters } from "../../src/host/event_writer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("hostEventWriters.file appends whole lines to what is there", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/events.jsonl`;
  try {
    for (const [before, after] of [["", ""], ["old\n", "old\n"], ["broken li", "broken li\n"]]) {
      await Deno.writeTextFile(path, before);
      const writer = hostEventWriters.file(path);
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

Deno.test("hostEventWriters.file opens nothing before the first write and tries again after a failure", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/below/events.jsonl`;
  try {
    const writer = hostEventWriters.file(path);
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
