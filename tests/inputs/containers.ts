/** Containers and runtime log lines that the tests of inputs share. */
import type { Container } from "../../src/core/container.ts";
import { container } from "../support/runtime_fixtures.ts";

/** When nothing else is said; the runtime's text. */
export const TIME = "2022-07-13T23:45:54.976593653+08:00";

/** `<time> <stream> F <text>` as CRI runtimes write it. */
export function cri(text: string, stream = "stdout", tag = "F"): string {
  return `${TIME} ${stream} ${tag} ${text}\n`;
}

/** One line of docker's json-file. */
export function json(text: string, stream = "stdout"): string {
  return JSON.stringify({ log: text, stream, time: "2021-02-02T02:18:41.979147844Z" }) + "\n";
}

/** Path of a container's runtime log below the host root. */
export function logOf(id: string): string {
  return `/host/logs/${id}.log`;
}

/** A container of a pod under CRI, every field known. */
export function pod(id = "c1", fields: Partial<Container> = {}): Container {
  return container(id, {
    runtime: "cri",
    name: "nginx",
    image: "docker.io/library/nginx:latest",
    podName: "web-0",
    namespace: "shop",
    podUid: "uid-1",
    ip: "10.1.0.7",
    logDriver: "cri",
    labels: new Map([["io.kubernetes.container.name", "nginx"]]),
    podLabels: new Map([["app", "nginx"]]),
    env: new Map([["STAGE", "prod"]]),
    ...fields,
  });
}

/** A plain docker container whose writable layer is `/layers/<id>/upper`. */
export function layered(id = "c1", fields: Partial<Container> = {}): Container {
  return container(id, { upperDir: `/layers/${id}/upper`, ...fields });
}

/** A map as containers have them. */
export function mapOf(values: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(values));
}
