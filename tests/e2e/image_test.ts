/**
 * The image: the Dockerfile as it is, built by BuildKit on bases made on the spot, and run as an operator runs it: read-only
 * root, the host's root below /logtail_host, no capability but the one for reading.
 */
import assert from "node:assert/strict";
import { loadAll } from "js-yaml";
import { AgentContainer, type ContainerOptions } from "../support/agent_container.ts";
import type { TestDocker } from "../support/dockerd.ts";
import { canCompile, denort } from "../support/compiled.ts";
import { bases, loadBases } from "../support/image_bases.ts";
import { tags } from "../support/images.ts";
import { projectRoot } from "../support/paths.ts";
import { mustRun, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { textOf } from "../support/tree.ts";
import { fieldOf, report, settledCount } from "../support/verify.ts";
import { AgentBed } from "./agent_bed.ts";
import { jsonTutorial, nginxTutorial, type TutorialPlace } from "./tutorial_docker.ts";
import { consumed } from "./tutorial_expect.ts";

const ready = canCompile() && await need("kafka", "docker");

const bed = new AgentBed();
const define = bed.tests(ready);
const agents: AgentContainer[] = [];

/** Removes the agents' containers behind each test, since another agent would read what they logged. */
function test(name: string, body: () => Promise<void>): void {
  define(name, async () => {
    try {
      await body();
    } catch (error) {
      for (const agent of agents) report(`own log of the agent:\n${await agent.log()}`);
      throw error;
    } finally {
      for (const agent of agents.splice(0)) await agent.remove();
    }
  });
}

const image = "denotail:test";
const { version } = JSON.parse(Deno.readTextFileSync(`${projectRoot}/deno.json`));
const source = "https://example.com/denotail";
let built: Promise<TestDocker> | undefined;

/** dockerd with the image. */
function dockerWithImage(): Promise<TestDocker> {
  return built ??= (async () => {
    const docker = await bed.docker();
    await loadBases(docker, denort);
    const began = performance.now();
    const args = { DENO_IMAGE: bases.deno, RUN_IMAGE: bases.run, VERSION: version, REVISION: "abc123" };
    await docker.build({ context: projectRoot, tag: image, args: { ...args, SOURCE: source } });
    report(`the image was built in ${Math.round((performance.now() - began) / 1000)} s`);
    return docker;
  })();
}

/** All paths of an image. */
async function pathsOf(docker: TestDocker, tag: string): Promise<string[]> {
  const { stdout, code, stderr } = await docker.cli(["create", "--network", "none", tag, "x"]);
  assert.equal(code, 0, stderr);
  const archive = `${docker.namespace.folder}/export.tar`;
  await docker.cli(["export", "-o", archive, stdout.trim()]);
  await docker.remove(stdout.trim());
  const listed = await mustRun(["tar", "-tf", archive]);
  Deno.removeSync(archive);
  return listed.trim().split("\n").map((path) => path.replace(/\/$/, ""));
}

test("Dockerfile adds the binary and two folders, and no shell, when it is built", async () => {
  const docker = await dockerWithImage();
  const base = new Set(await pathsOf(docker, bases.run));
  const paths = await pathsOf(docker, image);
  assert.deepEqual(paths.filter((path) => !base.has(path)).sort(), [
    "usr",
    "usr/local",
    "usr/local/bin",
    "usr/local/bin/denotail",
    "usr/local/ilogtail",
    "usr/local/ilogtail/checkpoint",
    "usr/local/ilogtail/user_yaml_config.d",
  ]);
  for (const shell of ["sh", "/bin/sh", "bash", "busybox"]) {
    const { code } = await AgentContainer.once(docker, image, ["-c", "true"], ["--entrypoint", shell]);
    assert.equal(code, 127, shell);
  }
  const { Config, Size } = await docker.inspect(image);
  const label = (name: string) => Config.Labels[`org.opencontainers.image.${name}`];
  assert.equal(label("title"), "denotail");
  assert.match(label("description"), /^\S.*Kafka$/);
  assert.equal(label("licenses"), "MIT");
  assert.equal(label("source"), source);
  assert.equal(label("version"), version);
  assert.equal(label("revision"), "abc123");
  const { Entrypoint, Cmd, User, Healthcheck } = Config;
  assert.deepEqual({ Entrypoint, Cmd, User, Healthcheck }, {
    Entrypoint: ["/usr/local/bin/denotail"],
    Cmd: ["run"],
    User: "0:0",
    Healthcheck: undefined,
  });
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const own = Size - (await docker.inspect(bases.run)).Size;
  report(`the image has ${megabytes(Size)}, ${megabytes(own)} of them on top of its base`);
  assert.ok(own <= 110e6, `${own} bytes on top of the base`);
});

test("the image answers --version, --help and validate when any user runs it without rights", async () => {
  const docker = await dockerWithImage();
  for (const more of [[], ["--user", "65532:65532"]]) {
    const once = (...args: string[]) => AgentContainer.once(docker, image, args, more);
    assert.deepEqual(await once("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
    const help = await once("--help");
    assert.equal(help.code, 0, help.stderr);
    assert.match(help.stdout, /^Usage: denotail /);
    const valid = await once("validate");
    assert.equal(valid.code, 0, valid.stderr);
  }
});

async function place(): Promise<TutorialPlace> {
  const docker = await dockerWithImage();
  const agent = async (pipelines: Record<string, string>) => await started(docker, { pipelines });
  return { kafka: await bed.kafka(), docker, agent };
}

/** A container of the agent, ready. */
async function started(
  docker: TestDocker,
  options: Omit<ContainerOptions, "docker" | "image">,
): Promise<AgentContainer> {
  const agent = new AgentContainer({ docker, image, ...options });
  agents.push(agent);
  await agent.start();
  await agent.waitReady();
  return agent;
}

test("the image delivers the tutorial's nginx events when docker runs it", async () => {
  await nginxTutorial(await place());
});

test("the image delivers the tutorial's file inside a container when docker runs it", async () => {
  await jsonTutorial(await place());
});

/** All output of containers, and files of one container, with a saved place for each. */
function allPipeline(broker: string, topic: string): string {
  return `enable: true
inputs:
  - Type: service_docker_stdout
  - Type: file_log
    DockerFile: true
    LogPath: /private
    FilePattern: "*.log"
flushers:
  - Type: flusher_kafka_v2
    Brokers:
      - ${broker}
    Topic: ${topic}
`;
}

test("the image reads files of other users when it has the capability DAC_READ_SEARCH, and only then", async () => {
  const docker = await dockerWithImage();
  const kafka = await bed.kafka();
  const topic = await bed.topic("other-users");
  const make = "mkdir /private; echo hidden >/private/a.log; chown -R 1000:1000 /private";
  const close = "chmod 700 /private; chmod 600 /private/a.log";
  await docker.run({
    name: "writer",
    image: tags.busybox,
    network: "none",
    cmd: ["sh", "-c", `${make}; ${close}; echo shown; exec sleep 100000`],
  });
  const pipelines = { all: allPipeline(kafka.bootstrap, topic) };

  const without = await started(docker, { pipelines, capabilities: [] });
  await waitFor("the refusal", async () => /"File is not read".*"\/private"/.test(await without.log()));
  assert.equal(await settledCount(kafka, topic, 1), 1);
  assert.equal(await without.stop(), 0);
  await without.remove();

  const agent = await started(docker, { pipelines });
  await settledCount(kafka, topic, 3);
  const events = await consumed(kafka, topic, 3);
  const seen = events.map((event) => fieldOf(event, "content")).sort();
  // Another checkpoint folder: what was delivered before comes again. Its own output would be here, too.
  assert.deepEqual(seen, ["hidden", "shown", "shown"]);
  assert.match(await agent.log(), /"Own container is left out"/);

  const began = performance.now();
  assert.equal(await agent.stop(), 0);
  assert.ok(performance.now() - began < 20_000, "docker stop waited for its whole grace of 30 s");
  await agent.start();
  await agent.waitReady();
  assert.equal(await settledCount(kafka, topic, 3), 3);
  assert.equal(await agent.stop(), 0);
});

test("the image finds nothing wrong around itself when doctor runs beside the agent", async () => {
  const docker = await dockerWithImage();
  const pipelines = { all: allPipeline((await bed.kafka()).bootstrap, await bed.topic("doctor")) };
  const agent = await started(docker, { pipelines });
  const { code, stdout, stderr } = await agent.inside("doctor");
  assert.deepEqual([code, stderr], [0, ""], stdout);
  const states = stdout.split("\n").filter((line) => /^\w/.test(line)).map((line) =>
    line.slice(13, 20).trim()
  );
  assert.deepEqual([...new Set(states.slice(1, -1))], ["ok"], stdout);
  assert.match(stdout, /^checkpoint .*; an agent holds it now$/m);
  assert.equal(await agent.stop(), 0);
});

/** Texts of the sidecar's manifests, by what a container sees them as. */
function sidecarManifest(): {
  env: Record<string, string>;
  pipelines: Record<string, string>;
  containers: string;
} {
  // deno-lint-ignore no-explicit-any
  const all = (name: string) => loadAll(textOf(`k8s/overlays/sidecar/${name}.yaml`)) as any[];
  const data = (end: string) => all("configuration").find(({ metadata }) => metadata.name.endsWith(end)).data;
  const [{ spec }] = all("deployment");
  const [agent] = spec.template.spec.initContainers;
  const named = agent.env.filter((one: { value?: string }) => one.value !== undefined);
  const env = Object.fromEntries(named.map((one: { name: string; value: string }) => [one.name, one.value]));
  const pipelines = Object.entries<string>(data("-pipelines")).map(([file, text]) =>
    [file.replace(/\.yaml$/, ""), text] as const
  );
  return {
    env,
    pipelines: Object.fromEntries(pipelines),
    containers: data("-containers")["containers.json"],
  };
}

test("the image reads a shared folder as the sidecar's manifests ask when user 65532 runs it without rights", async () => {
  const docker = await dockerWithImage();
  const kafka = await bed.kafka();
  await kafka.createTopic("web-log");
  const { env, pipelines, containers } = sidecarManifest();
  const folder = `${docker.namespace.folder}/sidecar`;
  for (const name of ["web", "own"]) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/web/web.log`, "hello\n");
  Deno.writeTextFileSync(`${folder}/own/containers.json`, containers);
  const agent = await started(docker, {
    pipelines,
    user: 65532,
    capabilities: [],
    env: { ...env, KAFKA_BROKERS: kafka.bootstrap },
    mounts: { [`${folder}/web`]: "/logtail_host/web:ro", [`${folder}/own`]: "/etc/denotail:ro" },
  });
  await settledCount(kafka, "web-log", 1);
  const [event] = await consumed(kafka, "web-log", 1);
  assert.equal(fieldOf(event, "content"), "hello");
  assert.equal(fieldOf(event, "__tag__:__path__"), "/var/log/web/web.log");
  assert.equal(fieldOf(event, "__tag__:_container_name_"), "web");
  assert.equal(await agent.stop(), 0);
});
