/** The command of the README on a fresh machine: `deno task start`. */
import assert from "node:assert/strict";
import { tags } from "../support/images.ts";
import type { InsideProcess } from "../support/namespace.ts";
import { projectRoot } from "../support/paths.ts";
import { firstChild, logTail, signal, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { fieldOf, report, slsFields } from "../support/verify.ts";
import { AgentBed } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "docker"));

let checkouts = 0;
const started: InsideProcess[] = [];

/** Lays a writable layer over the checkout, inside only: the program keeps its progress beside the sources. */
async function freshCheckout(): Promise<void> {
  const namespace = await bed.namespace();
  for (const process of started.splice(0)) {
    if (process.alive()) await ctrlC(process).catch(() => process.signal("SIGKILL"));
  }
  const layer = `${namespace.folder}/tmp/checkout-${++checkouts}`;
  for (const name of ["upper", "work"]) Deno.mkdirSync(`${layer}/${name}`, { recursive: true });
  if (checkouts > 1) await namespace.mustRun(["umount", "-l", projectRoot]);
  const layers = `lowerdir=${projectRoot},upperdir=${layer}/upper,workdir=${layer}/work`;
  await namespace.mustRun(["mount", "-t", "overlay", "overlay", "-o", layers, projectRoot]);
  Deno.chmodSync(`${layer}/upper`, 0o777);
}

/** Runs `deno task start` in it. `prefix` stands before deno. */
async function taskStart(
  env: Record<string, string> = {},
  prefix: string[] = [],
  deno = Deno.execPath(),
): Promise<InsideProcess> {
  const namespace = await bed.namespace();
  const cache = Deno.env.get("DENO_DIR");
  const process = await namespace.start([...prefix, deno, "task", "start"], {
    cwd: projectRoot,
    env: { NO_COLOR: "1", ...(cache === undefined ? {} : { DENO_DIR: cache }), ...env },
    clearEnv: true,
  });
  started.push(process);
  return process;
}

/** A terminal's Ctrl-C reaches the task and the program below it, and the task hands its own on. */
async function ctrlC(process: InsideProcess): Promise<number> {
  const program = firstChild(process.pid);
  if (program > 0) signal(program, "SIGINT");
  process.signal("SIGINT");
  return await process.ended(15_000);
}

/** Events on standard output so far; every whole line has to be one. */
function events(process: InsideProcess): { time: number; fields: [string, string][] }[] {
  return Deno.readTextFileSync(process.outFile).split("\n").slice(0, -1).map(slsFields);
}

const contents = (process: InsideProcess) => events(process).map((event) => fieldOf(event, "content"));

/** Fills the namespace's /var/log. */
async function fillVarLog(): Promise<string> {
  const { folder } = await bed.namespace();
  const logs = `${folder}/var-log`;
  for (const entry of Deno.readDirSync(logs)) Deno.removeSync(`${logs}/${entry.name}`, { recursive: true });
  Deno.mkdirSync(`${logs}/app/deep`, { recursive: true });
  Deno.mkdirSync(`${logs}/pods/default_p_u/c`, { recursive: true });
  Deno.writeTextFileSync(`${logs}/syslog`, "syslog one\nsyslog two\n");
  Deno.writeTextFileSync(`${logs}/app/deep/app.log`, "deep one\n");
  Deno.writeTextFileSync(`${logs}/pods/default_p_u/c/0.log`, "not for files\n");
  Deno.writeFileSync(`${logs}/wtmp`, new Uint8Array(4096));
  Deno.writeFileSync(`${logs}/syslog.2.gz`, new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]));
  return logs;
}

test("task start prints what containers and /var/log say, names what it leaves out, and ends on Ctrl-C", async () => {
  const docker = await bed.docker();
  const logs = await fillVarLog();
  await freshCheckout();
  const id = await docker.run({
    image: tags.busybox,
    name: "talker",
    cmd: ["sh", "-c", "echo from the container; sleep 1000"],
  });
  const began = performance.now();
  const process = await taskStart();
  await waitFor("all events", () => contents(process).length >= 4, { timeoutMs: 20_000 }).catch((error) => {
    throw new Error(`${error.message}: ${contents(process)}\n${logTail(process.logFile)}`);
  });
  report(`task start shows its first events within ${((performance.now() - began) / 1000).toFixed(1)} s`);
  Deno.writeTextFileSync(`${logs}/syslog`, "syslog three\n", { append: true });
  await waitFor("a new line", () => contents(process).includes("syslog three"));
  const wanted = ["deep one", "from the container", "syslog one", "syslog three", "syslog two"];
  assert.deepEqual(contents(process).sort(), wanted);
  const talker = events(process).find((event) => fieldOf(event, "content") === "from the container")!;
  assert.equal(fieldOf(talker, "_container_name_"), "talker");
  await waitFor("the names of what is left out", () => {
    const said = Deno.readTextFileSync(process.logFile);
    return said.includes("/var/log/wtmp") && said.includes("/var/log/syslog.2.gz");
  }, { timeoutMs: 10_000 }).catch((error) => {
    throw new Error(`${error.message}\n${logTail(process.logFile)}`);
  });
  assert.match(Deno.readTextFileSync(process.logFile), /docker at \S*docker\.sock/);
  assert.equal(await ctrlC(process), 0, logTail(process.logFile));

  // Once more: it goes on where it was.
  Deno.writeTextFileSync(`${logs}/syslog`, "syslog four\n", { append: true });
  const again = await taskStart();
  await waitFor("the new line", () => contents(again).includes("syslog four"));
  assert.deepEqual(contents(again), ["syslog four"]);
  assert.equal(await ctrlC(again), 0);
  await docker.remove(id);
});

test("task start sends to Kafka, and names a topic that does not exist, when KAFKA_BROKERS is set", async () => {
  const kafka = await bed.kafka();
  await bed.docker();
  await fillVarLog();
  await freshCheckout();
  const process = await taskStart({ KAFKA_BROKERS: kafka.bootstrap, KAFKA_TOPIC: "not-there-yet" });
  await waitFor("a word about the topic", () => /not-there-yet/.test(logTail(process.logFile, 200)), {
    timeoutMs: 20_000,
  });
  await waitFor("a warning about the topic", () => {
    return /topic[^\n]*not-there-yet[^\n]*(does not exist|UNKNOWN_TOPIC)|(does not exist|UNKNOWN_TOPIC)[^\n]*not-there-yet/i
      .test(logTail(process.logFile, 200));
  }, { timeoutMs: 20_000 }).catch((error) => {
    throw new Error(`${error.message}\n${logTail(process.logFile)}`);
  });
  assert.equal(Deno.readTextFileSync(process.outFile).includes("syslog one"), false);
  await kafka.createTopic("not-there-yet");
  const texts = await kafka.consumeText("not-there-yet", { max: 3, timeoutMs: 30_000 });
  const sent = texts.map((text) => fieldOf(slsFields(text), "content")).sort();
  assert.deepEqual(sent, ["deep one", "syslog one", "syslog two"]);
  assert.equal(await ctrlC(process), 0, logTail(process.logFile));
});

test("task start works, and says what it may not read, when it is not root and there is no runtime", async () => {
  const namespace = await bed.namespace();
  const docker = await bed.docker();
  await docker.stopDaemon();
  const logs = await fillVarLog();
  Deno.chmodSync(logs, 0o755);
  Deno.writeTextFileSync(`${logs}/auth.log`, "for root only\n");
  Deno.chmodSync(`${logs}/auth.log`, 0o600);
  await freshCheckout();
  // Deno and its cache lie in root's home here; another user sees them at places of their own.
  const home = `${namespace.folder}/tmp/nobody`;
  const places = { deno: Deno.execPath(), cache: denoCache() };
  Deno.mkdirSync(`${home}/cache`, { recursive: true });
  Deno.chmodSync(home, 0o777);
  for (let path = home; path.length > 1; path = path.slice(0, path.lastIndexOf("/"))) {
    if (path.startsWith(namespace.folder)) Deno.chmodSync(path, 0o777);
  }
  Deno.copyFileSync(places.deno, `${home}/deno`);
  await namespace.mustRun(["mount", "--bind", places.cache, `${home}/cache`]);
  // Whoever cloned the checkout owns it.
  await namespace.mustRun(["chmod", "666", `${projectRoot}/deno.lock`]);
  const prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const process = await taskStart({ DENO_DIR: `${home}/cache`, HOME: home }, prefix, `${home}/deno`);
  await waitFor("all events", () => contents(process).length >= 3, { timeoutMs: 20_000 }).catch((error) => {
    throw new Error(`${error.message}: ${contents(process)}\n${logTail(process.logFile)}`);
  });
  assert.deepEqual(contents(process).sort(), ["deep one", "syslog one", "syslog two"]);
  await waitFor("what it may not read", () => logTail(process.logFile, 200).includes("/var/log/auth.log"), {
    timeoutMs: 10_000,
  }).catch((error) => {
    throw new Error(`${error.message}\n${logTail(process.logFile)}`);
  });
  assert.equal(await ctrlC(process), 0, logTail(process.logFile));
});

function denoCache(): string {
  const set = Deno.env.get("DENO_DIR");
  return set ?? `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
}
