import assert from "node:assert/strict";
import { readCliOptions } from "../../src/cli/options.ts";
import { run, validate } from "../../src/cli/run.ts";
import { settle } from "../support/virtual_clock.ts";
import { TestWorld } from "./test_world.ts";

const BAD = { "a.yaml": "inputs: [\n" };
const optionsOf = (world: TestWorld) =>
  readCliOptions({ configDir: "/conf", hostRoot: "/" }, { env: world.env, isFolder: () => false }).options;

Deno.test("run goes on until it is asked to stop, and stops once", async () => {
  const world = new TestWorld();
  const steps: string[] = [];
  world.agent = {
    start: () => void steps.push("start"),
    stop: () => (steps.push("stop"), Promise.resolve("clean")),
  };
  const code = run(optionsOf(world), world);
  await settle();
  assert.deepEqual(steps, ["start"]);
  world.askStop();
  assert.equal(await code, 0);
  assert.deepEqual(steps, ["start", "stop"]);
});

Deno.test("validate prints problems on stdout and starts nothing; run has them on stderr", async () => {
  const checked = new TestWorld(BAD);
  checked.agent = { start: () => assert.fail("started") };
  assert.equal(await validate(optionsOf(checked), checked), 78);
  assert.match(checked.out, /a\.yaml:/);
  const ran = new TestWorld(BAD);
  ran.askStop();
  assert.equal(await run(optionsOf(ran), ran), 0);
  assert.match(ran.err, /a\.yaml:[\s\S]*files with errors do not run/);
  assert.equal(ran.out, "");
});

Deno.test("run and validate start nothing without a permission they cannot do without, and say which", async () => {
  for (const command of [run, validate]) {
    const world = new TestWorld();
    world.denied.add("read /conf");
    assert.equal(await command(optionsOf(world), world), 1);
    assert.equal(world.asked, null);
    assert.match(world.err, /^error PERMISSION_MISSING {2}read \/conf\n/);
    assert.match(world.err, /; nothing was started\n$/);
  }
});

Deno.test("run goes on without a permission that only a part needs", async () => {
  const world = new TestWorld();
  world.denied.add("net 127.0.0.1:9465");
  world.askStop();
  assert.equal(await run(optionsOf(world), world), 0);
  assert.match(world.err, /^warning PERMISSION_MISSING {2}net 127\.0\.0\.1:9465\n[\s\S]*1 warning\n/);
});

Deno.test("run and validate end with 1 and a sentence when there can be no agent", async () => {
  for (const command of [run, validate]) {
    const world = new TestWorld();
    world.makeAgent = () => Promise.reject(new Error("no folder", { cause: new Error("denied") }));
    assert.equal(await command(optionsOf(world), world), 1);
    assert.equal(world.err, "denotail: no folder: denied\n");
  }
});
