/** The sidecar overlay's pipelines and static list: what they say, the agent does. Its folders are scratch folders. */
import assert from "node:assert/strict";
import { agentPod, environment, mounts, pipelineFiles, SIDECAR_FOLDER } from "../k8s/agent_pods.ts";
import { buildManifests, manifest } from "../support/kustomize.ts";
import { need } from "../support/system.ts";
import { settledCount, slsFields } from "../support/verify.ts";
import { AgentBed } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace", "kustomize"));

test("run delivers the lines of an application's shared folder with the sidecar's own configuration", async () => {
  const kafka = await bed.kafka();
  const { folder } = await bed.namespace();
  await kafka.createTopic("web-log");
  const pod = agentPod(await buildManifests(SIDECAR_FOLDER));
  const root = `${folder}/sidecar`;
  const shared = `${root}${mounts(pod)[0].path.replace("/logtail_host", "")}`;
  Deno.mkdirSync(shared, { recursive: true });
  const list = `${folder}/containers.json`;
  const { data } = manifest(pod.manifests, "ConfigMap", "web-denotail-containers");
  Deno.writeTextFileSync(list, data["containers.json"]);
  const pipelines = Object.entries(pipelineFiles(pod, "/usr/local/ilogtail/user_yaml_config.d"))
    .map(([name, text]) => [name.replace(/\.yaml$/, ""), text]);
  const agent = await bed.agent({
    pipelines: Object.fromEntries(pipelines),
    hostRoot: root,
    read: [list],
    // The address of metrics comes as a flag here, which counts first.
    env: {
      ...Object.fromEntries(environment(pod)),
      DENOTAIL_STATIC_CONTAINERS: list,
      KAFKA_BROKERS: kafka.bootstrap,
      POD_NAME: "web-5c9f-x2x7q",
    },
  });
  Deno.writeTextFileSync(`${shared}/web.log`, "first\nsecond\n");
  await settledCount(kafka, "web-log", 2);
  const events = (await kafka.consumeText("web-log")).map((text) => slsFields(text).fields);
  assert.equal(await agent.stop(), 0);
  assert.deepEqual(events.map((fields) => fields.at(-1)), [["content", "first"], ["content", "second"]]);
  const tags = Object.fromEntries(events[0]);
  assert.match(tags["__tag__:_container_ip_"], /^[\d.:a-f]+$/);
  delete tags["__tag__:_container_ip_"];
  assert.deepEqual(tags, {
    "__tag__:__path__": "/var/log/web/web.log",
    "__tag__:__user_defined_id__": "default",
    "__tag__:_image_name_": "docker.io/library/busybox:1.36",
    "__tag__:_container_name_": "web",
    "__tag__:_namespace_": "default",
    "__tag__:POD_NAME": "web-5c9f-x2x7q",
    content: "first",
  });
  assert.deepEqual(agent.logLines().filter(({ level }) => level === "warn").map(({ text }) => text), []);
});
