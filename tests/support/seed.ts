/** The tutorial's files (tests/fixtures/seed, copied from it as they are) and what is read out of them. */
import { load } from "js-yaml";
import { projectRoot } from "./paths.ts";

/** Text of one of the tutorial's files. */
export function seedText(name: string): string {
  return Deno.readTextFileSync(`${projectRoot}/tests/fixtures/seed/${name}`);
}

/**
 * The pipelines of a ConfigMap, by file stem, as a kubelet would put them into the config folder. Only the brokers'
 * address is filled in.
 */
export function seedPipelines(name: string, brokers: string): Record<string, string> {
  const document = load(seedText(name)) as Record<string, unknown>;
  // The step with the regex shows only the lines that replace others of the ConfigMap before.
  const files = (document.data ?? document) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file.replace(/\.yaml$/, ""),
      text.replace(/<kafka_host>:<kafka_port>|39\.99\.61\.125:9092/g, brokers),
    ]),
  );
}

/** The first container of a Deployment: what a kubelet would run. */
export interface SeedContainer {
  podLabels: Record<string, string>;
  namespace: string;
  name: string;
  image: string;
  command?: string[];
  args?: string[];
}

/** Reads {@linkcode SeedContainer} from a Deployment; short image names are completed as a runtime does. */
export function seedContainer(file: string): SeedContainer {
  // deno-lint-ignore no-explicit-any
  const deployment = load(seedText(file)) as any;
  const { metadata, spec } = deployment.spec.template;
  const [container] = spec.containers;
  return {
    podLabels: metadata.labels,
    namespace: deployment.metadata.namespace,
    name: container.name,
    image: `docker.io/library/${container.image}`,
    command: container.command,
    args: container.args,
  };
}
