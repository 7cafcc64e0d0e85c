/** Recorded answers of real runtimes (tests/fixtures/runtime), and small containers for tests. */
import type { Container } from "../../src/core/container.ts";
import type { DockerInspect, DockerListEntry } from "../../src/core/runtime.ts";

/** What `record.ts` saved of Docker. */
export interface DockerFixture {
  readonly ids: { readonly sandbox: string; readonly member: string; readonly plain: string };
  readonly list: readonly DockerListEntry[];
  readonly inspects: {
    readonly sandbox: DockerInspect;
    readonly member: DockerInspect;
    readonly plain: DockerInspect;
  };
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

/** What `record.ts` saved of a CRI runtime: messages in base64, or `status <code> <text>`. */
export interface CriFixture {
  readonly ids: {
    readonly web: string;
    readonly done: string;
    readonly front: string;
    readonly edge: string;
  };
  readonly podIp: string;
  readonly answers: Readonly<Record<string, string>>;
  /** Messages of `GetContainerEvents` while the pods were made, or its refusal. */
  readonly events: readonly string[];
}

/** Reads a fixture by its name, for instance `docker_20_10`. */
export function fixture<T>(name: string): T {
  return JSON.parse(Deno.readTextFileSync(new URL(`../fixtures/runtime/${name}.json`, import.meta.url)));
}

/** A recorded message as bytes. */
export function messageOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** A running container with nothing special about it. */
export function container(id: string, fields: Partial<Container> = {}): Container {
  return Object.freeze({
    id,
    runtime: "docker",
    name: id,
    image: "shop/app:1",
    labels: new Map(),
    podName: "",
    namespace: "",
    podUid: "",
    podLabels: new Map(),
    annotations: new Map(),
    env: new Map(),
    ip: "",
    hostName: "",
    logPath: `/logs/${id}.log`,
    logDriver: "json-file",
    upperDir: "",
    lowerDirs: [],
    mergedRoot: "",
    mounts: [],
    pid: 0,
    state: "running",
    createdMs: 0,
    startedMs: 0,
    vmIsolated: false,
    isPause: false,
    ...fields,
  });
}
