import { asksForTags } from "../core/env_tags.ts";
import type { Container } from "../core/container.ts";
import type { InputContext } from "../core/plugin.ts";
import type { Tag } from "../core/tags.ts";
import { mapOf, text } from "../core/schema.ts";

/** Maps of the pipeline: environment variable or pod label -> name of the field. */
export interface ExternalTags {
  readonly env: Readonly<Record<string, string>>;
  readonly k8sLabels: Readonly<Record<string, string>>;
}

export const externalEnvTag = mapOf(
  "Adds a field with the value of a container's environment variable: variable -> name of the field. Empty when the variable is not set.",
  text("Name of the field.", { minLength: 1 }),
  { default: {}, examples: [{ APP_VERSION: "version" }] },
);
export const externalK8sLabelTag = mapOf(
  "Adds a field with the value of a pod label: label -> name of the field. Empty when the label is not there.",
  text("Name of the field.", { minLength: 1 }),
  { default: {}, examples: [{ app: "app" }] },
);

/** Fields of a container by their 1.x names; those that are unknown are left out. */
export function containerFields(container: Container): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const put = (name: string, value: string) => {
    if (value !== "") fields.set(name, value);
  };
  put("_image_name_", container.image);
  put("_container_name_", container.name);
  put("_pod_name_", container.podName);
  put("_namespace_", container.namespace);
  put("_pod_uid_", container.podUid);
  put("_container_ip_", container.ip);
  return fields;
}

/**
 * Fields asked for by name, as declared, then those that the container's own environment asks for
 * (`aliyun_logs_<name>_tags: key=value`, reference 3.4), save those that the agent's environment gives already.
 */
export function externalFields(
  container: Container,
  external: ExternalTags,
  agentEnvTags: readonly string[],
): Tag[] {
  const fields: Tag[] = [];
  for (const [name, key] of Object.entries(external.env)) {
    fields.push({ key, value: container.env.get(name) ?? "" });
  }
  for (const [label, key] of Object.entries(external.k8sLabels)) {
    fields.push({ key, value: container.podLabels.get(label) ?? "" });
  }
  for (const [name, value] of container.env) {
    if (!asksForTags(name)) continue;
    const equals = value.indexOf("=");
    const key = equals < 0 ? value : value.slice(0, equals);
    if (key === "" || agentEnvTags.includes(key) || fields.some((field) => field.key === key)) continue;
    fields.push({ key, value: equals < 0 ? value : value.slice(equals + 1) });
  }
  return fields.filter(({ key }) => key !== "");
}

/** `global.Tags`, then variables of the agent, then the node, as far as asked for; each behind `__tag__:`. */
export function pipelineTags({ globals, node, env }: Pick<InputContext, "globals" | "node" | "env">): Tag[] {
  const tags = globals.tags.map(({ name, value }) => ({ key: `__tag__:${name}`, value }));
  for (const name of node.envTags) tags.push({ key: `__tag__:${name}`, value: env(name) ?? "" });
  if (node.hostTags) {
    tags.push({ key: "__tag__:__hostname__", value: node.name });
    if (node.ip !== "") tags.push({ key: "__tag__:__host_ip__", value: node.ip });
  }
  return tags;
}
