import assert from "node:assert/strict";
import type { Files, PathView } from "../../src/core/host.ts";
import { Reach, RemoteLooks } from "../../src/tail/remote_looks.ts";

const view: PathView = {
  path: "/",
  id: "host",
  candidates: (path: string) => [{ path: `/host${path}`, mayStayOpen: true }],
} as PathView;

/** Files whose server answers when the test says so. */
function serverOf(remote: (path: string) => boolean) {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const files = {
    isRemote: remote,
    touch(path: string) {
      asked.push(path);
      return new Promise<void>((resolve) => answers.push(resolve));
    },
  } as unknown as Files;
  return { files, asked, answers };
}

Deno.test("RemoteLooks puts a look off until the server answered when the path is remote", async () => {
  const { files, asked, answers } = serverOf(() => true);
  const looks = new RemoteLooks(files);
  const reach = new Reach();
  let looked = 0;
  const ask = (nowMs: number) => looks.putOff(reach, view, "/a.log", nowMs, () => looked++);
  assert.equal(ask(0), true);
  assert.equal(ask(100), true);
  assert.deepEqual(asked, ["/host/a.log"]);
  assert.equal(looked, 0);
  answers.pop()!();
  await Promise.resolve();
  assert.equal(looked, 1);
  assert.equal(ask(200), true);
  assert.equal(asked.length, 2);
});

Deno.test("RemoteLooks puts nothing off when the path is local, or nobody can ask", () => {
  const { files, asked } = serverOf(() => false);
  const never = () => assert.fail("looked");
  assert.equal(new RemoteLooks(files).putOff(new Reach(), view, "/a.log", 0, never), false);
  assert.deepEqual(asked, []);
  const { touch: _, ...without } = serverOf(() => true).files;
  assert.equal(new RemoteLooks(without as Files).putOff(new Reach(), view, "/a.log", 0, never), false);
});

Deno.test("RemoteLooks asks only so many questions at a time, and the others in the order in which they came", async () => {
  const { files, asked, answers } = serverOf(() => true);
  const looks = new RemoteLooks(files);
  const looked: number[] = [];
  for (let n = 0; n < 20; n++) looks.putOff(new Reach(), view, `/${n}.log`, 0, () => looked.push(n));
  assert.equal(asked.length, 8);
  while (answers.length > 0) {
    answers.shift()!();
    await Promise.resolve();
  }
  assert.deepEqual(looked, Array.from({ length: 20 }, (_, n) => n));
});

Deno.test("RemoteLooks notices a mount that came later", () => {
  let remote = false;
  const { files, asked } = serverOf(() => remote);
  const looks = new RemoteLooks(files);
  const reach = new Reach();
  assert.equal(looks.putOff(reach, view, "/a.log", 0, () => {}), false);
  remote = true;
  assert.equal(looks.putOff(reach, view, "/a.log", 60_000, () => {}), true);
  assert.equal(asked.length, 1);
});
