import {
  type DockerClient,
  type DockerInspect,
  type DockerListEntry,
  RuntimeError,
  type RuntimeHint,
} from "../core/runtime.ts";
import { watchDocker } from "./docker_events.ts";
import { hideEnvironment } from "./plain_env.ts";
import { socketFailure } from "./socket_failure.ts";

/** The part of dockerode that is used; the package comes without types. */
interface Dockerode {
  listContainers(options: { all: boolean; abortSignal: AbortSignal }): Promise<DockerListEntry[]>;
  getContainer(id: string): { inspect(options: { abortSignal: AbortSignal }): Promise<DockerInspect> };
  getImage(id: string): {
    inspect(options: { abortSignal: AbortSignal }): Promise<{ RepoTags?: string[] | null }>;
  };
}

/** Docker's API through dockerode for questions, through `fetch` for events (dockerode's stream hangs on 2.4). */
export class DockerApi implements DockerClient {
  readonly kind = "docker";
  readonly socket: string;
  #docker: Promise<Dockerode> | null = null;

  constructor(socket: string) {
    this.socket = socket;
  }

  async list(signal: AbortSignal): Promise<readonly DockerListEntry[]> {
    const list = await this.#ask((docker) => docker.listContainers({ all: true, abortSignal: signal }));
    if (!Array.isArray(list)) {
      throw new RuntimeError("failed", `'${this.socket}' does not speak Docker's API`);
    }
    return list;
  }

  inspect(id: string, signal: AbortSignal): Promise<DockerInspect | null> {
    return this.#ask((docker) => docker.getContainer(id).inspect({ abortSignal: signal }));
  }

  async imageTags(imageId: string, signal: AbortSignal): Promise<readonly string[]> {
    const image = await this.#ask((docker) => docker.getImage(imageId).inspect({ abortSignal: signal }));
    return image?.RepoTags ?? [];
  }

  watch(onHint: RuntimeHint, signal: AbortSignal): Promise<"ended" | "unsupported"> {
    return watchDocker(this.socket, onHint, signal);
  }

  /** Each request has its own connection: nothing stays open. */
  close(): void {}

  /** Answers `null` for 404. */
  async #ask<T>(call: (docker: Dockerode) => Promise<T>): Promise<T | null> {
    try {
      this.#docker ??= openDockerode(this.socket);
      return await call(await this.#docker);
    } catch (error) {
      const statusCode = (error as { statusCode?: number } | null)?.statusCode;
      if (statusCode === 404) return null;
      if (statusCode === undefined) throw socketFailure(error, this.socket);
      throw new RuntimeError("failed", `Docker behind '${this.socket}' answered with '${statusCode}'`, {
        cause: error,
      });
    }
  }
}

/** Imports dockerode, which costs 0.1–0.4 s and 12 MB: only where a Docker socket exists. */
async function openDockerode(socketPath: string): Promise<Dockerode> {
  hideEnvironment();
  const { default: Docker } = await import("dockerode");
  return new Docker({ socketPath }) as unknown as Dockerode;
}
