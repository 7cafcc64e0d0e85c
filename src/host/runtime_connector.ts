import type { RuntimeConnector } from "../core/runtime.ts";
import { CriApi } from "./cri_api.ts";
import { DockerApi } from "./docker_api.ts";

/** Makes clients of the real runtimes. */
export const runtimeConnector: RuntimeConnector = {
  docker: (socket) => new DockerApi(socket),
  cri: (socket) => new CriApi(socket),
};
