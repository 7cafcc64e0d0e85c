import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import type { Opened, OpenRefusal, PathView } from "../../src/core/host.ts";
import { systemClock } from "../../src/host/clock.ts";
import { HostFiles } from "../../src/host/files.ts";
import { openConfined, type OpenWorld } from "../../src/host/open_confined.ts";
import { hostView } from "../../src/core/host_view.ts";
import { notOnDeno24, onDeno24 } from "../support/deno_version.ts";
import { runInMounts } from "../support/in_mounts.ts";
import { bedTest, need } from "../support/system.ts";

const files = new HostFiles("/", systemClock);
/** There the second look of `blind` is all there is. */
const byDescriptor = notOnDeno24("its descriptors are not the kernel's");

/** The same world without a readable proc, as on Deno 2.4 or with narrow permissions. */
const blind: OpenWorld = {
  hostRoot: "/",
  realHostRoot: "/",
  hasRealDescriptors: false,
  lstat: (path) => files.lstat(path),
  readLink: (path) => files.readLink(path),
  isWhiteout: (path) => files.isWhiteout(path),
};

const worlds: [string, OpenWorld][] = [["with proc", files], ["without proc", blind]];

/** A container whose whole root is one folder of the host. */
function viewOf(folder: string): PathView {
  return {
    id: "c1",
    candidates: (path) => [{ path: path === "/" ? folder : folder + path, mayStayOpen: true }],
  };
}

function setUp(): { folder: string; view: PathView; remove(): void } {
  const base = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denotail-open-" }));
  const folder = `${base}/rootfs`;
  Deno.mkdirSync(`${folder}/log`, { recursive: true });
  Deno.writeTextFileSync(`${base}/secret`, "secret");
  Deno.writeTextFileSync(`${folder}/log/app.log`, "inside");
  return { folder, view: viewOf(folder), remove: () => Deno.removeSync(base, { recursive: true }) };
}

function outcome(opened: Opened): OpenRefusal | string {
  if ("refused" in opened) return opened.refused;
  const into = new Uint8Array(100);
  const text = new TextDecoder().decode(into.subarray(0, opened.file.read(into, 0, 100, 0)));
  opened.file.close();
  return `text: ${text}`;
}

for (const [name, world] of worlds) {
  Deno.test(`openConfined refuses what leads out of the view or is no file (${name})`, async () => {
    const { folder, view, remove } = setUp();
    try {
      const open = (path: string) => outcome(openConfined(world, view, path));
      Deno.symlinkSync("/etc/shadow", `${folder}/log/shadow`);
      Deno.symlinkSync("../../secret", `${folder}/log/up`);
      Deno.symlinkSync("/log", `${folder}/folder-link`);
      Deno.symlinkSync("b", `${folder}/a`);
      Deno.symlinkSync("a", `${folder}/b`);
      await new Deno.Command("mkfifo", { args: [`${folder}/log/pipe`] }).output();
      assert.equal(open("/log/app.log"), "text: inside");
      assert.equal(open("/folder-link/app.log"), "text: inside");
      assert.equal(open("/log/shadow"), "outside");
      assert.equal(open("/log/up"), "outside");
      assert.equal(open("/a"), "loop");
      assert.equal(open("/log/pipe"), "not_regular");
      assert.equal(open("/log"), "not_regular");
      assert.equal(open("/log/none"), "missing");
    } finally {
      remove();
    }
  });

  Deno.test(`openConfined refuses proc and sys when the host is the view (${name})`, () => {
    for (const path of ["/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled"]) {
      assert.equal(outcome(openConfined(world, hostView("/"), path)), "pseudo");
    }
  });

  Deno.test(`openConfined never reads outside when a writer swaps file and link (${name})`, async () => {
    const { folder, view, remove } = setUp();
    const swapper = new Deno.Command(Deno.execPath(), {
      args: ["eval", SWAP, `${folder}/log`, `${folder}/../secret`],
      stdout: "piped",
    }).spawn();
    const reader = swapper.stdout.getReader();
    try {
      await reader.read();
      const seen = new Map<string, number>();
      const began = performance.now();
      const elapsed = () => performance.now() - began;
      // On a busy machine one state may stand for long: then on, until both have been met.
      while (elapsed() < 400 || (elapsed() < 60_000 && !(seen.has("text: inside") && seen.has("outside")))) {
        const text = outcome(openConfined(world, view, "/log/victim"));
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
      assert.ok(seen.has("text: inside") && seen.has("outside"), JSON.stringify([...seen]));
      assert.equal(seen.get("text: secret"), undefined);
      assert.ok([...seen.keys()].every((key) => ALLOWED.has(key)), JSON.stringify([...seen]));
    } finally {
      swapper.kill("SIGKILL");
      await reader.cancel();
      await swapper.status;
      remove();
    }
  });
}

Deno.test("openConfined refuses what a folder that was a link hides, when it looked like a folder five times", () => {
  const { folder, view, remove } = setUp();
  try {
    Deno.mkdirSync(`${folder}/../outside`);
    Deno.writeTextFileSync(`${folder}/../outside/app.log`, "secret");
    Deno.symlinkSync(`${folder}/../outside`, `${folder}/log/sub`);
    let looks = 0;
    const flipping: OpenWorld = {
      ...blind,
      // What a flip at each right moment shows: a folder, and behind it the file that the link leads to.
      lstat: (path) => path === `${folder}/log/sub` && ++looks <= 5 ? files.lstat(folder) : files.lstat(path),
    };
    assert.equal(outcome(openConfined(flipping, view, "/log/sub/app.log")), "outside");
    assert.ok(looks > 5, "the folder was not looked at again");
  } finally {
    remove();
  }
});

Deno.test("openConfined looks less often at a file that it opened before, and as often at another one", () => {
  const { folder, view, remove } = setUp();
  try {
    let looks = 0;
    const counting: OpenWorld = {
      ...blind,
      lstat: (path) => (looks += Number(path === `${folder}/log`), files.lstat(path)),
    };
    const known = files.lstat(`${folder}/log/app.log`)!;
    const looksFor = (inode: number) => {
      looks = 0;
      assert.equal(
        outcome(openConfined(counting, view, "/log/app.log", { ...known, inode })),
        "text: inside",
      );
      return looks;
    };
    assert.equal(looksFor(known.inode), 2);
    assert.equal(looksFor(known.inode + 1), 17);
  } finally {
    remove();
  }
});

/** Puts a file or folder and a link in each other's place, so many times, with a word when it is done. */
const FLIPS = 10_000;
const FLIP = `
const [folder, outside, flips] = Deno.args;
Deno.mkdirSync(folder + "/keep");
Deno.symlinkSync(outside, folder + "/keep/folder-link");
Deno.symlinkSync(outside + "/app.log", folder + "/keep/file-link");
console.log("go");
const swap = (name, link) => {
  Deno.renameSync(folder + "/" + name, folder + "/keep/" + name);
  Deno.renameSync(folder + "/keep/" + link, folder + "/" + name);
};
const back = (name, link) => {
  Deno.renameSync(folder + "/" + name, folder + "/keep/" + link);
  Deno.renameSync(folder + "/keep/" + name, folder + "/" + name);
};
for (let i = 0; i < Number(flips); i++) {
  swap("sub", "folder-link");
  back("sub", "folder-link");
  swap("app.log", "file-link");
  back("app.log", "file-link");
}
console.log("done");`;

Deno.test(`openConfined never reads outside when a file and its folder are each flipped ${FLIPS} times`, async () => {
  const { folder, view, remove } = setUp();
  const outside = `${folder}/../outside`;
  Deno.mkdirSync(outside);
  Deno.writeTextFileSync(`${outside}/app.log`, "secret");
  Deno.mkdirSync(`${folder}/log/sub`);
  Deno.writeTextFileSync(`${folder}/log/sub/app.log`, "inside");
  const args = ["eval", FLIP, `${folder}/log`, Deno.realPathSync(outside), String(FLIPS)];
  const flipper = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const said = flipper.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    assert.equal((await said.read()).value, "go\n");
    let done = false;
    const end = said.read().then(({ value }) => done = value === "done\n");
    const seen = { "/log/app.log": new Map<string, number>(), "/log/sub/app.log": new Map<string, number>() };
    for (let ended = false; !ended;) {
      ended = done;
      for (const world of [files, blind]) {
        for (const [path, outcomes] of Object.entries(seen)) {
          const text = outcome(openConfined(world, view, path));
          outcomes.set(text, (outcomes.get(text) ?? 0) + 1);
        }
      }
      // The other side's word has to come in.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end;
    for (const [path, outcomes] of Object.entries(seen)) {
      const list = JSON.stringify([...outcomes]);
      assert.ok([...outcomes.keys()].every((key) => ALLOWED.has(key)), `${path}: ${list}`);
      assert.ok(outcomes.has("text: inside"), `${path}: ${list}`);
    }
    const refused = Object.values(seen).map((outcomes) =>
      (outcomes.get("outside") ?? 0) + (outcomes.get("missing") ?? 0)
    );
    assert.ok(refused.every((count) => count > 0), `never met in a flip: ${refused}`);
  } finally {
    await said.cancel();
    await flipper.status;
    remove();
  }
});

const ALLOWED = new Set(["text: inside", "outside", "missing", "hard_link"]);

/** Puts a file, then a link, in the same place, as fast as it can. */
const SWAP = `
const [folder, secret] = Deno.args;
console.log("go");
for (;;) {
  Deno.writeTextFileSync(folder + "/file", "inside");
  Deno.renameSync(folder + "/file", folder + "/victim");
  Deno.symlinkSync(secret, folder + "/link");
  Deno.renameSync(folder + "/link", folder + "/victim");
}`;

byDescriptor("openConfined takes a file with two names only when the kernel shows its path", () => {
  const { folder, view, remove } = setUp();
  try {
    Deno.linkSync(`${folder}/../secret`, `${folder}/log/hard`);
    assert.equal(outcome(openConfined(files, view, "/log/hard")), "text: secret");
    assert.equal(outcome(openConfined(blind, view, "/log/hard")), "hard_link");
  } finally {
    remove();
  }
});

byDescriptor("openConfined refuses when the kernel shows another path than the resolved one", () => {
  const { folder, view, remove } = setUp();
  try {
    // A world that does not see the link stands for one that was put there after the look.
    Deno.symlinkSync(`${folder}/../secret`, `${folder}/log/late`);
    const late: OpenWorld = {
      ...blind,
      hasRealDescriptors: true,
      lstat: (path) => path.endsWith("/late") ? files.stat(path) : files.lstat(path),
    };
    const opened = openConfined(late, view, "/log/late");
    assert.ok("refused" in opened);
    assert.equal(opened.refused, "outside");
    assert.match(opened.detail, /was opened as '.*\/secret'/);
  } finally {
    remove();
  }
});

Deno.test("openConfined says denied when the file may not be read", { ignore: Deno.uid() === 0 }, () => {
  const { folder, view, remove } = setUp();
  try {
    Deno.chmodSync(`${folder}/log/app.log`, 0);
    assert.equal(outcome(openConfined(files, view, "/log/app.log")), "denied");
  } finally {
    remove();
  }
});

bedTest(!onDeno24 && await need("namespace"))(
  "openConfined checks with the host's proc when only the host root may be read",
  async () => {
    const scratch = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denotail-hostroot-" }));
    try {
      const log = `${scratch}/rootfs/log`;
      Deno.mkdirSync(log, { recursive: true });
      Deno.mkdirSync(`${scratch}/host`);
      Deno.writeTextFileSync(`${log}/app.log`, "inside");
      Deno.linkSync(`${log}/app.log`, `${log}/hard`);
      Deno.symlinkSync("/log/app.log", `${log}/current`);
      Deno.symlinkSync("/etc/shadow", `${log}/shadow`);
      await new Deno.Command("mkfifo", { args: [`${log}/pipe`] }).output();
      const setup = 'mount --rbind / "$T/host"';
      assert.deepEqual(await runInMounts(scratch, setup, ["--allow-read=$T/host"], "probe_files.ts"), {
        file: "text: inside",
        absoluteLink: "text: inside",
        hardLink: "text: inside",
        shadow: "outside",
        fifo: "not_regular",
        hostLink: "outside",
        proc: "pseudo",
        outsideGrant: null,
        mountinfo: true,
        remote: false,
      });
    } finally {
      Deno.removeSync(scratch, { recursive: true });
    }
  },
);

byDescriptor("openConfined reads without a trace in the file's time of the last read", () => {
  const { folder, view, remove } = setUp();
  try {
    const path = `${folder}/log/app.log`;
    // The kernel would note a read now: the last one is before the last write.
    const longAgo = new Date(1_000_000_000_000);
    Deno.utimeSync(path, longAgo, new Date());
    assert.equal(outcome(openConfined(files, view, "/log/app.log")), "text: inside");
    assert.equal(Deno.statSync(path).atime!.getTime(), longAgo.getTime());
  } finally {
    remove();
  }
});
