/**
 * What programs do to their logs between two calls of the tail to the disk: each case happens before each call once, live
 * and at a restart, with files that stay open and with files that may not.
 */
import assert from "node:assert/strict";
import type { PathView } from "../../src/core/host.ts";
import { glob, TailWorld, TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";

const LOG = "/var/log/app.log";
/** No two files may be taken for each other because they begin alike. */
const line = (name: string) => `${name} is a line that is long enough to tell its file from others: ${name}`;

/** A file of a container whose descriptors must not be held. */
const BORROWED: PathView = { id: "c", candidates: (path) => [{ path, mayStayOpen: false }] };

type Happening = (world: TailWorld) => void;

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  "it is rotated": ({ files }) => {
    files.rename(`${LOG}.1`, `${LOG}.2`);
    files.rename(LOG, `${LOG}.1`);
    files.write(LOG, `${line("new")}\n`);
  },
  "it is rotated, and the oldest one deleted": ({ files }) => {
    files.unlink(`${LOG}.1`);
    files.rename(LOG, `${LOG}.1`);
    files.write(LOG, `${line("new")}\n`);
  },
  "it is rotated twice": ({ files }) => {
    files.rename(`${LOG}.1`, `${LOG}.3`);
    files.rename(LOG, `${LOG}.2`);
    files.write(`${LOG}.1`, `${line("between")}\n`);
    files.write(LOG, `${line("new")}\n`);
  },
  "it is copied and truncated": ({ files }) => {
    files.rename(`${LOG}.1`, `${LOG}.2`);
    files.copy(LOG, `${LOG}.1`);
    files.truncate(LOG);
    files.append(LOG, `${line("new")}\n`);
  },
};

/** Runs `job` right before the `nth` call to the disk from now on. Returns how many there were. */
function before(world: TailWorld, nth: number, job: () => void): () => number {
  const { files } = world;
  let calls = 0;
  let isBusy = false;
  const call = () => {
    if (isBusy || ++calls !== nth) return;
    isBusy = true;
    job();
    isBusy = false;
  };
  const { lstat, list, open } = {
    lstat: files.lstat.bind(files),
    list: files.list.bind(files),
    open: files.open.bind(files),
  };
  files.lstat = (path) => (call(), lstat(path));
  files.list = (path, entriesMax) => (call(), list(path, entriesMax));
  files.open = (view, path) => {
    call();
    const opened = open(view, path);
    if ("refused" in opened) return opened;
    const { read } = opened.file;
    const file: { read: typeof read } = opened.file;
    file.read = (into, begin, length, at) => (call(), read(into, begin, length, at));
    return opened;
  };
  return () => calls;
}

function follow(world: TailWorld, view: PathView, isGlob: boolean): TestOutput {
  const output = new TestOutput();
  world.follow(isGlob ? glob("/var/log", "app.log") : LOG, [output], { view });
  return output;
}

/** Plays one case with the happening before the `nth` call; `null` when there were fewer calls. */
function play(happening: Happening, nth: number, view: PathView, isGlob: boolean, isLive: boolean) {
  const world = new TailWorld();
  const { files, clock } = world;
  files.write(`${LOG}.1`, `${line("old")}\n`);
  files.write(LOG, `${line("one")}\n`);
  let output = follow(world, view, isGlob);
  clock.advance(1_000);
  const got = [...output.got];
  if (!isLive) {
    world.restart();
    files.append(LOG, `${line("two")}\n`);
  }
  const calls = before(world, nth, () => happening(world));
  if (isLive) files.append(LOG, `${line("two")}\n`);
  else {
    got.length = 0;
    output = follow(world, view, isGlob);
  }
  clock.advance(1_500);
  if (calls() < nth) return null;
  clock.advance(3_000);
  return isLive ? output.got : [...got, ...output.got];
}

for (const [what, happening] of Object.entries(HAPPENINGS)) {
  for (const [how, view] of [["held open", hostView("/")], ["not held", BORROWED]] as const) {
    for (const isGlob of [false, true]) {
      for (const isLive of [true, false]) {
        const name = `${isGlob ? "a pattern" : "a path"}, ${how}, ${isLive ? "live" : "at a restart"}`;
        Deno.test(`tail sends each line once and in order when ${what} before any of its calls: ${name}`, () => {
          let nth = 1;
          for (;; nth++) {
            const got = play(happening, nth, view, isGlob, isLive);
            if (got === null) break;
            const wanted = ["one", "two", "between", "new"].map(line).filter((text) =>
              (text !== line("between") || what === "it is rotated twice") && (isLive || text !== line("one"))
            );
            assert.deepEqual(got.filter((text) => text !== line("old")), wanted, `before the ${nth}. call`);
          }
          assert.ok(nth > 10);
        });
      }
    }
  }
}
