import type { RuntimeConnector } from "../core/runtime.ts";
import { DockerApi } from "./docker_api.ts";

/**
 * Makes clients of the real runtimes. HTTP/2 and protobuf are loaded where a CRI socket exists: 11 ms of CPU and
 * 1.2 MiB on a busy machine. dockerode is loaded with the first question to Docker.
 */
export const runtimeConnector: RuntimeConnector = {
  docker: (socket) => new DockerApi(socket),
  cri: async (socket) => new (await import("./cri_api.ts")).CriApi(socket),
};
