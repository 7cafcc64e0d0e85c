/**
 * `denotail doctor` and the start of `run`, each missing thing once. The tables stand in tests/golden/doctor;
 * `DENOTAIL_GOLDEN=write` rewrites them.
 */
import assert from "node:assert/strict";
import type { Namespace } from "../support/namespace.ts";
import { projectRoot } from "../support/paths.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { AgentBed } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("namespace"));

const GOLDEN = new URL("../golden/doctor/", import.meta.url);
const REWRITE = Deno.env.get("DENOTAIL_GOLDEN") === "write";
const SOCKET = "/run/docker.sock";

const FLUSHER = "flushers:\n  - Type: flusher_stdout\n";
const PIPELINES = {
  stdout: `inputs:\n  - Type: service_docker_stdout\n${FLUSHER}`,
  files:
    `inputs:\n  - Type: file_log\n    LogPath: /data\n    FilePattern: "*.log"\n    DockerFile: true\n${FLUSHER}`,
};

type Asked = Partial<Parameters<AgentBed["prepared"]>[0]> & { readonly configDir?: string };

async function prepared(asked: Asked) {
  const { configDir, ...options } = asked;
  const flags = configDir === undefined ? [] : [`--config-dir=${configDir}`];
  return await bed.prepared({ pipelines: PIPELINES, checkpointDir: "memory", flags, ...options });
}

/** Runs doctor; its table is compared with the golden one. Gives the exit code. */
async function doctor(name: string, asked: Asked = {}): Promise<number> {
  const namespace = await bed.namespace();
  const agent = await prepared(asked);
  const cache = Deno.env.get("DENO_DIR");
  const env = { ...(cache === undefined ? {} : { DENO_DIR: cache }), NO_COLOR: "1" };
  const { code, stdout, stderr } = await namespace.run(agent.command("doctor"), { cwd: projectRoot, env });
  assert.equal(stderr, "");
  const table = stdout.replaceAll(agent.folder, "<agent>").replaceAll(namespace.folder, "<folder>");
  const at = new URL(`${name}.txt`, GOLDEN);
  if (REWRITE) Deno.writeTextFileSync(at, table);
  assert.equal(table, Deno.readTextFileSync(at));
  return code;
}

/** A runtime that answers with no containers, or never. Gives the way to end it. */
function runtime(namespace: Namespace, answers: boolean): () => Promise<void> {
  const path = namespace.outside(SOCKET);
  const server = Deno.serve(
    { path, onListen: () => {} },
    () => answers ? Response.json([]) : new Promise<Response>(() => {}),
  );
  return async () => {
    // A question that is never answered would keep a gentle stop waiting.
    await Promise.race([server.shutdown(), sleep(100)]);
    try {
      Deno.removeSync(path);
    } catch {
      // A gentle stop has removed it.
    }
  };
}

/** Does the job beside a runtime that answers. */
async function besideRuntime(job: () => Promise<void>, answers = true): Promise<void> {
  const end = runtime(await bed.namespace(), answers);
  try {
    await job();
  } finally {
    await end();
  }
}

/** `/` bound to a folder as `docker run -v /:/folder` does it. */
async function privateRoot(namespace: Namespace): Promise<string> {
  const folder = `${namespace.folder}/private`;
  Deno.mkdirSync(folder, { recursive: true });
  await namespace.mustRun(["sh", "-c", `mount --rbind / ${folder} && mount --make-private ${folder}`]);
  return folder;
}

test("doctor exits 0 when all is well", () =>
  besideRuntime(async () => assert.equal(await doctor("well"), 0)));

test("doctor names a host root that is missing", () =>
  besideRuntime(async () => {
    const { folder } = await bed.namespace();
    assert.equal(await doctor("host_root_missing", { hostRoot: `${folder}/nowhere` }), 78);
  }));

test("doctor names a host root that is mounted private", () =>
  besideRuntime(async () => {
    const hostRoot = await privateRoot(await bed.namespace());
    assert.equal(await doctor("propagation_private", { hostRoot }), 78);
  }));

test("doctor names where it looked for a socket", async () => {
  assert.equal(await doctor("socket_missing"), 78);
});

test("doctor does not wait for a socket that never answers", () =>
  besideRuntime(async () => {
    const began = performance.now();
    assert.equal(await doctor("socket_silent"), 78);
    // It waits for 4 s; a run that does not end is killed after two minutes.
    assert.ok(performance.now() - began < 60_000);
  }, false));

test("doctor names a checkpoint folder that is read-only", () =>
  besideRuntime(async () => {
    const namespace = await bed.namespace();
    const checkpointDir = `${namespace.folder}/read-only`;
    Deno.mkdirSync(checkpointDir);
    await namespace.mustRun(["mount", "--bind", "-o", "ro", checkpointDir, checkpointDir]);
    assert.equal(await doctor("checkpoint_read_only", { checkpointDir }), 78);
  }));

test("doctor names a config folder that is missing", () =>
  besideRuntime(async () => {
    const configDir = `${(await bed.namespace()).folder}/no-config`;
    assert.equal(await doctor("config_missing", { configDir, read: [configDir] }), 78);
  }));

test("run names what is missing at its start, with the pipelines that suffer, and goes on", async () => {
  const hostRoot = await privateRoot(await bed.namespace());
  const agent = await prepared({ hostRoot });
  await agent.start();
  await agent.waitReady();
  await waitFor("the runtime to be named", () => agent.logged("Container runtime is missing").length > 0);
  const faults = agent.logLines().filter(({ level }) => level === "error" || level === "warn")
    .map(({ level, message, pipelines }) => [level, message, pipelines]);
  assert.deepEqual(faults, [
    ["error", "Mounts made after the start will not be seen", "files"],
    ["error", "Container runtime is missing or does not answer", "files, stdout"],
  ]);
  assert.equal(await agent.stop(), 0);
});

test("run says nothing of the kind when all is well", () =>
  besideRuntime(async () => {
    const agent = await prepared({});
    await agent.start();
    await agent.waitReady();
    assert.equal(await agent.stop(), 0);
    assert.deepEqual(agent.logLines().filter(({ level }) => level === "error" || level === "warn"), []);
  }));

test("run without its checkpoint folder says who suffers before it ends", async () => {
  const { folder } = await bed.namespace();
  const agent = await prepared({ checkpointDir: `${folder}/never-made` });
  Deno.removeSync(`${folder}/never-made`);
  await agent.start();
  assert.equal(await agent.ended(), 1);
  const [fault] = agent.logged("Checkpoint folder is missing or wrong");
  assert.deepEqual([fault.level, fault.pipelines], ["error", "files, stdout"]);
});
