/** `start` as a new user's first minute, with the very command of the task in deno.json. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { InsideProcess, Namespace } from "../support/namespace.ts";
import { projectRoot } from "../support/paths.ts";
import { waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { slsFields } from "../support/verify.ts";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { AgentBed } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

/** The user and group that own nothing. */
const NOBODY = 65534;

/** The command of the task `start`, its relative paths counted from the folder it runs in. */
function command(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${projectRoot}/deno.json`));
  const [, ...args] = (tasks.start.command as string).split(" ");
  return [
    Deno.execPath(),
    ...args.map((arg) => arg === "main.ts" ? `${projectRoot}/main.ts` : arg),
  ];
}

/** Starts it in a folder of its own; `/var/log` is that of the namespace. */
async function start(
  namespace: Namespace,
  folder: string,
  env: Record<string, string> = {},
  prefix: string[] = [],
): Promise<InsideProcess> {
  Deno.mkdirSync(`${namespace.folder}/${folder}`, { recursive: true });
  Deno.chmodSync(namespace.folder, 0o755);
  Deno.chmodSync(`${namespace.folder}/${folder}`, 0o777);
  const cache = Deno.env.get("DENO_DIR");
  return await namespace.start([...prefix, ...command()], {
    cwd: `${namespace.folder}/${folder}`,
    env: { ...(cache === undefined ? {} : { DENO_DIR: cache }), NO_COLOR: "1", ...env },
    clearEnv: true,
  });
}

/** Fills `/var/log` of the namespace with one file of each kind, and nothing else. */
function fillLogs(namespace: Namespace): void {
  const folder = namespace.outside("/var/log");
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`, { recursive: true });
  const at = (name: string) => namespace.outside(`/var/log/${name}`);
  Deno.mkdirSync(at("app"), { recursive: true });
  Deno.mkdirSync(at("pods/one"), { recursive: true });
  Deno.writeTextFileSync(at("app/app.log"), "one line\n");
  Deno.writeTextFileSync(at("pods/one/0.log"), "not for files\n");
  Deno.writeFileSync(at("wtmp"), new Uint8Array(384));
  Deno.writeFileSync(at("app/app.log.2.gz"), gzipSync(new TextEncoder().encode("old line\n")));
  Deno.writeTextFileSync(at("secret.log"), "for root only\n");
  Deno.chmodSync(at("secret.log"), 0o600);
}

const said = (run: InsideProcess) => Deno.readTextFileSync(run.logFile);
const printed = (run: InsideProcess) => Deno.readTextFileSync(run.outFile);
const contents = (run: InsideProcess) =>
  printed(run).split("\n").filter((line) => line !== "").map((line) =>
    slsFields(line).fields.find(([key]) => key === "content")?.[1]
  );

test("start prints what it finds, names what it does not read, and ends at Ctrl-C", async () => {
  const namespace = await bed.namespace();
  fillLogs(namespace);
  const run = await start(namespace, "first");
  // It says what it sees every few seconds, and again what changed.
  const whole =
    /files +2 files of the host followed[\s\S]*: 2 records \(23 B\) read, 23 B acknowledged, 0 B waiting\n/;
  await waitFor("progress", () => whole.test(said(run)) && /no runtime found/.test(said(run)));
  run.signal("SIGINT");
  assert.equal(await run.ended(), 0);
  assert.deepEqual(contents(run).sort(), ["for root only", "one line"]);
  const text = said(run);
  assert.match(text, /^denotail collects the logs of this machine; Ctrl-C ends it\n/m);
  assert.match(text, /host root +'\/'\n +is no mount of the host.*\/proc/);
  assert.match(text, /containers +no runtime found; looked for \/run\/docker\.sock/);
  assert.match(text, /files +2 files of the host followed/);
  assert.match(text, /not read +1 binary: '\/var\/log\/wtmp'/);
  assert.match(text, /not read +1 compressed: '\/var\/log\/app\/app\.log\.2\.gz'/);
  assert.match(text, /denotail: 2 records \(23 B\) read, 23 B acknowledged, 0 B waiting\n/);
  assert.match(
    text,
    /denotail ends: 2 records \(23 B\) read, all of it acknowledged; progress is in '.*'\n$/,
  );

  Deno.writeTextFileSync(namespace.outside("/var/log/app/app.log"), "another line\n", { append: true });
  const again = await start(namespace, "first");
  await waitFor("the new line", () => printed(again).includes("another line"));
  assert.equal(await again.stop(), 0);
  assert.deepEqual(contents(again), ["another line"], "it goes on where it stopped");
});

/** Programs and sources may lie where only root gets through: shown below `/run`, they are anybody's to read. */
async function forAnybody(namespace: Namespace, paths: readonly string[]): Promise<(text: string) => string> {
  const shown = new Map<string, string>();
  for (const path of paths) {
    const place = `/run/shown${shown.size}`;
    Deno.mkdirSync(namespace.outside(place));
    await namespace.mustRun(["mount", "--bind", path, place]);
    shown.set(path, place);
  }
  return (text) => [...shown].reduce((changed, [path, place]) => changed.replaceAll(path, place), text);
}

test("start works for a user without any right of root's, and names what it may not read", async () => {
  const namespace = await bed.namespace();
  fillLogs(namespace);
  const home = "/run/home";
  Deno.mkdirSync(namespace.outside(home));
  Deno.chownSync(namespace.outside(home), NOBODY, NOBODY);
  const program = Deno.execPath().replace(/\/[^/]*$/, "");
  const cache = await denoDir();
  const show = await forAnybody(namespace, [program, projectRoot, cache]);
  const user = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--bounding-set=-all"];
  const run = await namespace.start([...user, ...command().map(show)], {
    cwd: home,
    env: { DENO_DIR: show(cache), NO_COLOR: "1", HOME: home },
    clearEnv: true,
  });
  const named = /not read +1 without permission/;
  await waitFor("progress", () => /: 1 record \(.*\) read/.test(said(run)) && named.test(said(run)));
  run.signal("SIGINT");
  assert.equal(await run.ended(), 0);
  assert.deepEqual(contents(run), ["one line"]);
  assert.match(said(run), /not read +1 without permission .*: '\/var\/log\/secret\.log'/);
  assert.equal(Deno.statSync(namespace.outside(`${home}/.denotail`)).uid, NOBODY);
});

/** Where this Deno keeps its packages. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

test("start ends when nobody reads its output", async () => {
  const namespace = await bed.namespace();
  fillLogs(namespace);
  Deno.writeTextFileSync(namespace.outside("/var/log/app/many.log"), "many lines\n".repeat(20_000));
  const run = await start(namespace, "closed", {}, ["sh", "-c", '"$@" | head -n 1', "sh"]);
  assert.equal(await run.ended(), 0);
  assert.equal(contents(run).length, 1);
  assert.match(said(run), /Nobody reads standard output any more/);
  assert.match(said(run), /denotail ends: .* not acknowledged, which the next start reads again/);
});

test("start with KAFKA_BROKERS sends to Kafka, and names a topic that is not there", async () => {
  const namespace = await bed.namespace();
  fillLogs(namespace);
  const kafka: TestKafka = await bed.kafka();
  const run = await start(namespace, "kafka", { KAFKA_BROKERS: kafka.bootstrap });
  await waitFor("the missing topic", () => /takes no records.*denotail/.test(said(run)));
  const warning = /WARN.*takes no records.*\n/.exec(said(run))?.[0] ?? "";
  assert.match(warning, /topic=denotail/);
  assert.match(warning, /create/i, "with a remedy");
  await kafka.createTopic("denotail", 1);
  await waitFor("the acknowledgement", () => / 23 B acknowledged/.test(said(run)), { timeoutMs: 120_000 });
  run.signal("SIGINT");
  assert.equal(await run.ended(), 0);
  assert.match(said(run), /events go to +Kafka at 127\.0\.0\.1:\d+, topic 'denotail'/);
  assert.equal(printed(run), "");
  const records = await kafka.consume("denotail", { max: 2 });
  assert.equal(records.length, 2);
});

test("start takes the topic of KAFKA_TOPIC, and a broker that makes topics makes it", async () => {
  const namespace = await bed.namespace();
  fillLogs(namespace);
  const kafka = await startKafka({ autoCreate: true });
  try {
    const run = await start(namespace, "auto", { KAFKA_BROKERS: kafka.bootstrap, KAFKA_TOPIC: "mine" });
    await waitFor("the acknowledgement", () => / 23 B acknowledged/.test(said(run)), { timeoutMs: 120_000 });
    assert.equal(await run.stop(), 0);
    assert.equal((await kafka.consume("mine", { max: 2 })).length, 2);
  } finally {
    await kafka.dispose();
  }
});
