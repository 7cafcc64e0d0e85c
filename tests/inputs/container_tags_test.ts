import assert from "node:assert/strict";
import { containerFields, externalFields, pipelineTags } from "../../src/inputs/container_tags.ts";
import { container } from "../support/runtime_fixtures.ts";
import { mapOf, pod } from "./containers.ts";

Deno.test("containerFields has the seed's order and leaves out what is unknown", () => {
  assert.deepEqual([...containerFields(pod()).keys()], [
    "_image_name_",
    "_container_name_",
    "_pod_name_",
    "_namespace_",
    "_pod_uid_",
    "_container_ip_",
  ]);
  assert.deepEqual([...containerFields(container("c1"))], [
    ["_image_name_", "shop/app:1"],
    ["_container_name_", "c1"],
  ]);
});

const fields = (env: Record<string, string>, agent: string[] = [], external = {}) =>
  externalFields(pod("c1", { env: mapOf(env) }), { env: {}, k8sLabels: {}, ...external }, agent)
    .map(({ key, value }) => `${key}=${value}`);

Deno.test("externalFields gives an empty text for what is absent", () => {
  assert.deepEqual(
    fields({ A: "1" }, [], { env: { B: "b", A: "a" }, k8sLabels: { app: "app", no: "none" } }),
    [
      "b=",
      "a=1",
      "app=nginx",
      "none=",
    ],
  );
});

Deno.test("externalFields takes the tags that a container's environment asks for", () => {
  assert.deepEqual(fields({ aliyun_logs_x_tags: "k=v=w", loong_logs_y_tags: "solo" }), [
    "k=v=w",
    "solo=solo",
  ]);
  assert.deepEqual(
    fields({ aliyun_logs_x: "stdout", aliyun_logs_tags: "k=v", x_aliyun_logs_a_tags: "k=v" }),
    [],
  );
  assert.deepEqual(fields({ aliyun_logs_x_tags: "", loong_logs_x_tags: "=v" }), []);
  assert.deepEqual(fields({ aliyun_logs_x_tags: "k=1", loong_logs_y_tags: "k=2" }), ["k=1"], "once");
  assert.deepEqual(fields({ aliyun_logs_x_tags: "k=v" }, ["k"]), [], "the agent's own tag counts");
});

Deno.test("pipelineTags gives constants, then the agent's environment, then the node", () => {
  const node = { name: "n1", ip: "10.0.0.1", userDefinedId: "default", envTags: ["REGION"], hostTags: true };
  const globals = {
    timeSource: "clock" as const,
    tags: [{ name: "team", value: "red" }],
    topicFormat: "none",
  };
  const tags = pipelineTags({ globals, node, env: (name) => name === "REGION" ? "eu" : undefined });
  assert.deepEqual(tags.map(({ key, value }) => `${key}=${value}`), [
    "__tag__:team=red",
    "__tag__:REGION=eu",
    "__tag__:__hostname__=n1",
    "__tag__:__host_ip__=10.0.0.1",
  ]);
});
