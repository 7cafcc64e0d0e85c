import {
  type CriClient,
  type CriContainer,
  type CriSandbox,
  type CriSandboxNetwork,
  type CriStatus,
  RuntimeError,
  type RuntimeHint,
} from "../core/runtime.ts";
import {
  readEventTopic,
  readOverlayOptions,
  writeMountsRequest,
  writeSubscribeRequest,
} from "./containerd_messages.ts";
import {
  readContainers,
  readSandboxes,
  readSandboxNetwork,
  readStatus,
  readVersion,
  writeStatusRequest,
} from "./cri_messages.ts";
import { GRPC_STATUS, GrpcChannel, GrpcStatusError } from "./grpc.ts";

const RUNTIME = "/runtime.v1.RuntimeService";
const NO_FIELDS = new Uint8Array(0);

/** CRI keeps its containers in this namespace of containerd. */
const CONTAINERD_NAMESPACE = "k8s.io";

/** CRI `runtime.v1` on a socket. The older `v1alpha2` is not spoken: containerd 1.6 and later have `v1`. */
export class CriApi implements CriClient {
  readonly kind = "cri";
  readonly socket: string;
  #channel: GrpcChannel;

  constructor(socket: string) {
    this.socket = socket;
    this.#channel = new GrpcChannel(socket);
  }

  async version(signal: AbortSignal): Promise<string> {
    return readVersion(await this.#ask("Version", NO_FIELDS, signal));
  }

  async listContainers(signal: AbortSignal): Promise<readonly CriContainer[]> {
    return readContainers(await this.#ask("ListContainers", NO_FIELDS, signal));
  }

  async listSandboxes(signal: AbortSignal): Promise<readonly CriSandbox[]> {
    return readSandboxes(await this.#ask("ListPodSandbox", NO_FIELDS, signal));
  }

  containerStatus(id: string, signal: AbortSignal): Promise<CriStatus | null> {
    return nullIfMissing(async () =>
      readStatus(await this.#ask("ContainerStatus", writeStatusRequest(id, true), signal))
    );
  }

  sandboxNetwork(id: string, signal: AbortSignal): Promise<CriSandboxNetwork | null> {
    return nullIfMissing(async () =>
      readSandboxNetwork(await this.#ask("PodSandboxStatus", writeStatusRequest(id, false), signal))
    );
  }

  async snapshotOptions(
    snapshotter: string,
    key: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | null> {
    const method = "/containerd.services.snapshots.v1.Snapshots/Mounts";
    const request = writeMountsRequest(snapshotter, key);
    try {
      const metadata = { "containerd-namespace": CONTAINERD_NAMESPACE };
      return readOverlayOptions(await this.#channel.unary(method, request, signal, metadata));
    } catch (error) {
      // CRI-O has no such service, a remover may be faster than we are.
      if (error instanceof GrpcStatusError) return null;
      throw error;
    }
  }

  /** CRI's own feed where the runtime has it, else containerd's. Both only say "look". */
  async watch(onHint: RuntimeHint, signal: AbortSignal): Promise<"ended" | "unsupported"> {
    if (await this.#watchCri(onHint, signal)) return "ended";
    return await this.#watchContainerd(onHint, signal) ? "ended" : "unsupported";
  }

  close(): void {
    this.#channel.close();
  }

  #watchCri(onHint: RuntimeHint, signal: AbortSignal): Promise<boolean> {
    const method = `${RUNTIME}/GetContainerEvents`;
    return falseIfUnimplemented(() => this.#channel.stream(method, NO_FIELDS, () => onHint(), signal));
  }

  #watchContainerd(onHint: RuntimeHint, signal: AbortSignal): Promise<boolean> {
    const method = "/containerd.services.events.v1.Events/Subscribe";
    const request = writeSubscribeRequest([`namespace==${CONTAINERD_NAMESPACE}`]);
    const onEvent = (message: Uint8Array) => {
      if (/^\/(containers|tasks)\//.test(readEventTopic(message))) onHint();
    };
    return falseIfUnimplemented(() => this.#channel.stream(method, request, onEvent, signal));
  }

  async #ask(method: string, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.#channel.unary(`${RUNTIME}/${method}`, request, signal);
    } catch (error) {
      if (!(error instanceof GrpcStatusError) || error.code === GRPC_STATUS.notFound) throw error;
      throw statusFailure(error, this.socket);
    }
  }
}

/** A gRPC status as a RuntimeError. */
function statusFailure(error: GrpcStatusError, socket: string): RuntimeError {
  switch (error.code) {
    case GRPC_STATUS.unimplemented:
      return new RuntimeError("unsupported", `No CRI 'runtime.v1' service behind '${socket}'`, {
        cause: error,
      });
    case GRPC_STATUS.unavailable:
      return new RuntimeError("away", `The runtime behind '${socket}' is not ready`, { cause: error });
    default:
      return new RuntimeError("failed", `The runtime behind '${socket}' answered with an error`, {
        cause: error,
      });
  }
}

async function nullIfMissing<T>(call: () => Promise<T | null>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GrpcStatusError && error.code === GRPC_STATUS.notFound) return null;
    throw error;
  }
}

async function falseIfUnimplemented(call: () => Promise<void>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof GrpcStatusError && error.code === GRPC_STATUS.unimplemented) return false;
    throw error;
  }
}
