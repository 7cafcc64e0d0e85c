import assert from "node:assert/strict";
import { runCommand } from "../../src/cli/run_command.ts";
import { AgentError } from "../../src/core/errors.ts";
import { TEST_PLUGINS } from "../config/test_plugins.ts";
import { TestWorld } from "./test_world.ts";

const GOOD = "inputs: [{Type: test_input, Path: /x}]\nflushers: [{Type: test_flusher, Brokers: [a]}]\n";
const go = (world: TestWorld, ...args: string[]) => runCommand(args, "1.2.3", TEST_PLUGINS, world);

Deno.test("runCommand validate exits 0 without errors and 78 with all problems", async () => {
  const good = new TestWorld({ "a.yaml": GOOD });
  assert.equal(await go(good, "validate", "--config-dir=/conf"), 0);
  assert.equal(good.out, "no problems\n");
  const bad = new TestWorld({ "a.yaml": GOOD, "b.yaml": "inputs: [\n", "c.yaml": "x: 1\n" });
  assert.equal(await go(bad, "validate", "--config-dir=/conf"), 78);
  assert.match(
    bad.out,
    /CONFIG_SYNTAX {2}b\.yaml:2:1[\s\S]*CONFIG_UNKNOWN_KEY {2}c\.yaml:1:1[\s\S]*4 errors\n$/,
  );
  const warned = new TestWorld({ "a.yaml": `version: v1\n${GOOD}` });
  assert.equal(await go(warned, "validate", "--config-dir=/conf"), 0);
  assert.match(warned.out, /1 warning\n$/);
});

Deno.test("runCommand run stops when asked and exits 0", async () => {
  for (const how of ["clean", "deadline"] as const) {
    const world = new TestWorld({ "a.yaml": GOOD, "b.yaml": "[]" });
    const steps: string[] = [];
    world.agent = {
      start: () => void steps.push("start"),
      stop: () => {
        steps.push("stop");
        return Promise.resolve(how);
      },
    };
    world.askStop();
    assert.equal(await go(world, "run", "--config-dir=/conf"), 0);
    assert.deepEqual(steps, ["start", "stop"]);
    assert.match(world.err, /b\.yaml:1:1[\s\S]*1 error; files with errors do not run, the others do\n$/);
  }
});

Deno.test("runCommand ends when the agent says that going on makes no sense", async () => {
  const world = new TestWorld({ "a.yaml": GOOD });
  let stopped = false;
  world.agent = { over: Promise.resolve(), stop: () => (stopped = true, Promise.resolve("clean")) };
  assert.equal(await go(world, "run", "--config-dir=/conf"), 0);
  assert.equal(stopped, true);
});

Deno.test("runCommand run exits 1 with a sentence when the agent cannot start or stop", async () => {
  const sentence = new AgentError("CHECKPOINT_HELD", "Another agent holds the folder");
  const broken: Partial<TestWorld["agent"]>[] = [
    { load: () => Promise.reject(sentence) },
    {
      start: () => {
        throw sentence;
      },
    },
    { stop: () => Promise.reject(sentence) },
  ];
  for (const agent of broken) {
    const world = new TestWorld({ "a.yaml": GOOD });
    world.agent = agent;
    world.askStop();
    assert.equal(await go(world, "run", "--config-dir=/conf"), 1);
    assert.match(world.err, /denotail: Another agent holds the folder\n$/);
  }
});

Deno.test("runCommand run does not start when it was asked to stop while loading", async () => {
  const world = new TestWorld({ "a.yaml": GOOD });
  let started = false;
  world.agent = { start: () => void (started = true) };
  world.stopRequested = true;
  world.askStop();
  assert.equal(await go(world, "run", "--config-dir=/conf"), 0);
  assert.equal(started, false);
});

Deno.test("runCommand refuses bad flags before anything is made", async () => {
  const world = new TestWorld();
  assert.equal(await go(world, "run", "--stop-timeout=soon"), 64);
  assert.equal(world.asked, null);
  assert.match(world.err, /^error: --stop-timeout: found 'soon'/);
});

Deno.test("runCommand start runs embedded pipelines with defaults of its own", async () => {
  const world = new TestWorld();
  world.askStop();
  world.agent = { load: () => Promise.resolve({ problems: [] }) };
  assert.equal(await go(world, "start"), 0);
  assert.deepEqual(Object.keys(world.asked?.embedded ?? {}), ["containers.yaml", "var_log.yaml"]);
  assert.deepEqual(world.made, [".denotail/checkpoint"]);
  assert.equal(world.asked?.metrics, null);
  assert.equal(world.asked?.checkpointDir, ".denotail/checkpoint");
  assert.equal(world.asked?.logFormat, "text");
  assert.equal(world.asked?.reports, true);
});

Deno.test("runCommand start goes on without a checkpoint where none can be made", async () => {
  const world = new TestWorld();
  world.canMake = false;
  world.askStop();
  world.agent = { load: () => Promise.resolve({ problems: [] }) };
  assert.equal(await go(world, "start"), 0);
  assert.equal(world.asked?.checkpointDir, null);
  assert.match(world.err, /^warning: '\.denotail\/checkpoint' cannot be made here/);
});

Deno.test("runCommand docs writes the pages", async () => {
  const world = new TestWorld();
  assert.equal(await go(world, "docs", "/out"), 0);
  assert.ok(world.written.has("/out/test_input.md"));
  assert.ok(world.written.has("/out/pipeline.schema.json"));
});

Deno.test("runCommand docs exits 1 with a sentence when it may not write", async () => {
  const world = new TestWorld();
  world.writeText = () => {
    throw new Error("Requires write access");
  };
  assert.equal(await go(world, "docs", "/out"), 1);
  assert.equal(world.err, "denotail: '/out' cannot be written: Requires write access\n");
});

Deno.test("runCommand prints the version on stdout and usage on stderr", async () => {
  const world = new TestWorld();
  assert.equal(await go(world, "--version"), 0);
  assert.equal(world.out, "1.2.3\n");
  assert.equal(await go(world), 64);
  assert.match(world.err, /^Usage: denotail/);
});
