import assert from "node:assert/strict";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { PathLook, RESOLVE_EVERY_MS } from "../../src/tail/path_look.ts";
import type { TailShared } from "../../src/tail/tail_shared.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

function setUp() {
  const bed = new ReaderBed();
  const said: string[] = [];
  const shared = {
    files: bed.files,
    clock: bed.clock,
    refused: (refusal: string, _label: string, path: string) => void said.push(`${refusal} ${path}`),
  } as unknown as TailShared;
  const spec = { view: hostView("/"), label: "host" } as unknown as FollowSpec;
  const path = new PathLook(spec, LOG, shared);
  return { bed, said, path, look: () => path.look(bed.clock.monotonicMs()) };
}

Deno.test("PathLook tells which file the path leads to, also when another takes its place", () => {
  const { bed, said, look } = setUp();
  assert.equal(look(), null);
  bed.files.write(LOG, "one\n");
  assert.equal(look()?.sizeBytes, 4);
  const { inode } = bed.files.lstat(LOG)!;
  bed.files.rename(LOG, `${LOG}.1`);
  assert.equal(look(), null);
  bed.files.write(LOG, "two, longer\n");
  assert.notEqual(look()?.inode, inode);
  assert.deepEqual(said, [], "a missing file is nothing to be said");
});

Deno.test("PathLook follows a link that turns, within seconds", () => {
  const { bed, look } = setUp();
  bed.files.write("/var/log/a", "a\n");
  bed.files.write("/var/log/b", "bb\n");
  bed.files.link("/var/log/a", LOG);
  assert.equal(look()?.sizeBytes, 2);
  bed.files.unlink(LOG);
  bed.files.link("/var/log/b", LOG);
  bed.clock.advance(RESOLVE_EVERY_MS);
  assert.equal(look()?.sizeBytes, 3);
});

Deno.test("PathLook names what is no file once, and again after it was one", () => {
  const { bed, said, path, look } = setUp();
  bed.files.fifo(LOG);
  for (let i = 0; i < 3; i++) assert.equal(look(), null);
  assert.deepEqual(said, [`not_regular ${LOG}`]);
  path.opened();
  look();
  assert.equal(said.length, 2);
});

Deno.test("PathLook does not try a denied path again at once", () => {
  const { bed, said, path } = setUp();
  path.refuse("denied", "no permission");
  assert.equal(path.deniedUntilMs, bed.clock.monotonicMs() + RESOLVE_EVERY_MS);
  assert.deepEqual(said, [`denied ${LOG}`]);
});
