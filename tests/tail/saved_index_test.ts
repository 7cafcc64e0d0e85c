import assert from "node:assert/strict";
import type { LaneKey, SavedLane } from "../../src/core/checkpoint.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";

const KEY: LaneKey = { pipeline: "p", input: "i", flusher: "f", source: "host:/a.log", device: 1, inode: 2 };
const OWNER = { pipeline: "p", input: "i", origin: "host" };

function row(key: Partial<LaneKey>, done = 0): SavedLane {
  return {
    key: { ...KEY, ...key },
    done: [done],
    head: { length: 0, hash: 0 },
    anchor: { at: done, length: 0, hash: 0 },
    hostPath: "/a.log",
    savedMs: 0,
  };
}

Deno.test("SavedIndex finds generations and flushers of a source, and only those", () => {
  const rows = [row({}), row({ inode: 3 }), row({ flusher: "g" })];
  const others = [row({ source: "host:/b.log" }), row({ pipeline: "q" }), row({ input: "j" })];
  const index = new SavedIndex([...rows, ...others]);
  assert.deepEqual(index.ofSource(KEY), rows);
  assert.equal(index.size, 4);
});

Deno.test("SavedIndex finds a file's lanes whatever its name, of one origin only", () => {
  const renamed = row({ source: "host:/a.log.1" });
  const index = new SavedIndex([row({}), renamed, row({ source: "c1:/a.log" }), row({ inode: 3 })]);
  assert.deepEqual(index.ofFile(OWNER, KEY).map(({ key }) => key.source), ["host:/a.log", "host:/a.log.1"]);
  assert.deepEqual(index.paths(OWNER), ["/a.log", "/a.log.1"]);
  assert.deepEqual(index.paths({ ...OWNER, origin: "c1" }), ["/a.log"]);
});

Deno.test("SavedIndex replaces the row of the same lane, and forgets it everywhere", () => {
  const index = new SavedIndex([row({}, 1)]);
  index.note(row({}, 7));
  assert.deepEqual(index.ofSource(KEY).map(({ done }) => done), [[7]]);
  assert.equal(index.ofFile(OWNER, KEY).length, 1);
  index.forget(KEY);
  assert.deepEqual([index.ofSource(KEY), index.ofFile(OWNER, KEY), index.size], [[], [], 0]);
});

Deno.test("SavedIndex takes a row again that was forgotten or replaced, and once only", () => {
  const index = new SavedIndex([]);
  const [first, second] = [row({}, 1), row({}, 2)];
  index.note(first);
  index.note(first);
  assert.deepEqual(index.ofSource(KEY), [first]);
  index.note(second);
  index.note(first);
  assert.deepEqual(index.ofFile(OWNER, KEY), [first]);
  index.forget({ ...KEY });
  index.note(first);
  assert.deepEqual(index.ofSource(KEY), [first]);
});

Deno.test("SavedIndex keeps how much was seen of a file when a row of it that was kept elsewhere says less", () => {
  const index = new SavedIndex([{ ...row({}, 50), seenBytes: 900, savedMs: 10 }]);
  index.restore({ ...row({}, 60), seenBytes: 70, savedMs: 9 });
  assert.deepEqual([index.find(KEY)?.done[0], index.find(KEY)?.seenBytes], [60, 900]);
  const other = row({}, 5);
  index.restore({ ...other, head: { ...other.head, hash: 1 }, seenBytes: 20, savedMs: 80 });
  assert.equal(index.find(KEY)?.seenBytes, 20, "another generation");
});

Deno.test("SavedIndex takes a row that was kept elsewhere, unless its own is later and further", () => {
  const index = new SavedIndex([{ ...row({}, 50), savedMs: 10 }]);
  const done = () => index.find(KEY)?.done[0];
  index.restore({ ...row({}, 40), savedMs: 9 });
  assert.equal(done(), 50, "lines were delivered another way meanwhile");
  index.restore({ ...row({}, 70), savedMs: 9 });
  assert.equal(done(), 70, "committed, and killed before it was saved here, as of a moment before");
  index.restore({ ...row({}, 5), savedMs: 80 });
  assert.equal(done(), 5, "another generation under the same inode");
  index.restore(row({ inode: 9 }, 3));
  assert.equal(index.find({ ...KEY, inode: 9 })?.done[0], 3);
});
