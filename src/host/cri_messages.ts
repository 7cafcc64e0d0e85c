/**
 * The few messages of CRI `runtime.v1` (k8s.io/cri-api, api.proto) that discovery uses. Field numbers stand in the
 * layouts; what is not named is skipped.
 */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { CriContainer, CriSandbox, CriSandboxNetwork, CriState, CriStatus } from "../core/runtime.ts";
import { readMapEntry, readMessage, readNested, timeMs } from "./protobuf_fields.ts";

/** Order of `ContainerState`. */
const STATES: readonly CriState[] = ["created", "running", "exited", "unknown"];

/** `NamespaceMode.NODE`: the namespace is the node's own. */
const NAMESPACE_NODE = 2;

/**
 *     ContainerStatusRequest    1 container_id | 2 verbose
 *     PodSandboxStatusRequest   1 pod_sandbox_id | 2 verbose
 */
export function writeStatusRequest(id: string, verbose: boolean): Uint8Array {
  const writer = new BinaryWriter().tag(1, 2).string(id);
  return (verbose ? writer.tag(2, 0).bool(true) : writer).finish();
}

/** VersionResponse: `1 version | 2 runtime_name | 3 runtime_version | 4 runtime_api_version`. */
export function readVersion(bytes: Uint8Array): string {
  const version = { name: "", number: "" };
  readMessage(bytes, (field, reader) => {
    if (field === 2) version.name = reader.string();
    else if (field === 3) version.number = reader.string();
    else return false;
  });
  return `${version.name} ${version.number}`;
}

/** ListContainersResponse: `1 containers…`. */
export function readContainers(bytes: Uint8Array): CriContainer[] {
  const containers: CriContainer[] = [];
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    containers.push(readContainer(reader.bytes()));
  });
  return containers;
}

/**
 * Container: `1 id | 2 pod_sandbox_id | 3 metadata | 4 image | 5 image_ref | 6 state | 7 created_at | 8 labels…
 * | 9 annotations…`.
 */
function readContainer(bytes: Uint8Array): CriContainer {
  const labels = new Map<string, string>();
  const annotations = new Map<string, string>();
  // proto3 leaves out zeros: no state on the wire means created.
  const container = { id: "", sandboxId: "", state: STATES[0], labels, annotations };
  readMessage(bytes, (field, reader) => {
    if (field === 1) container.id = reader.string();
    else if (field === 2) container.sandboxId = reader.string();
    else if (field === 6) container.state = STATES[reader.int32()] ?? "unknown";
    else if (field === 8) readMapEntry(reader.bytes(), labels);
    else if (field === 9) readMapEntry(reader.bytes(), annotations);
    else return false;
  });
  return container;
}

/** ListPodSandboxResponse: `1 items…`. */
export function readSandboxes(bytes: Uint8Array): CriSandbox[] {
  const sandboxes: CriSandbox[] = [];
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    sandboxes.push(readSandbox(reader.bytes()));
  });
  return sandboxes;
}

/**
 *     PodSandbox           1 id | 2 metadata | 3 state | 4 created_at | 5 labels… | 6 annotations… | 7 runtime_handler
 *     PodSandboxMetadata   1 name | 2 uid | 3 namespace | 4 attempt
 */
function readSandbox(bytes: Uint8Array): CriSandbox {
  const labels = new Map<string, string>();
  const annotations = new Map<string, string>();
  const sandbox = { id: "", podName: "", podUid: "", namespace: "", labels, annotations, runtimeHandler: "" };
  readMessage(bytes, (field, reader) => {
    if (field === 1) sandbox.id = reader.string();
    else if (field === 5) readMapEntry(reader.bytes(), labels);
    else if (field === 6) readMapEntry(reader.bytes(), annotations);
    else if (field === 7) sandbox.runtimeHandler = reader.string();
    else if (field === 2) {
      readMessage(reader.bytes(), (part, metadata) => {
        if (part === 1) sandbox.podName = metadata.string();
        else if (part === 2) sandbox.podUid = metadata.string();
        else if (part === 3) sandbox.namespace = metadata.string();
        else return false;
      });
    } else return false;
  });
  return sandbox;
}

/**
 *     PodSandboxStatusResponse   1 status | 2 info…
 *     PodSandboxStatus           5 network { 1 ip } | 6 linux { 1 namespaces { 2 options { 1 network } } }
 */
export function readSandboxNetwork(bytes: Uint8Array): CriSandboxNetwork {
  let ip = "";
  let mode = 0;
  readNested(bytes, [1, 5, 1], (reader) => ip = reader.string());
  readNested(bytes, [1, 6, 1, 2, 1], (reader) => mode = reader.int32());
  return { ip, hostNetwork: mode === NAMESPACE_NODE };
}

/** ContainerStatusResponse: `1 status | 2 info…`. `null` when it has no status. */
export function readStatus(bytes: Uint8Array): CriStatus | null {
  const info = new Map<string, string>();
  let status: CriStatus | null = null;
  readMessage(bytes, (field, reader) => {
    if (field === 1) status = readContainerStatus(reader.bytes(), info);
    else if (field === 2) readMapEntry(reader.bytes(), info);
    else return false;
  });
  return status;
}

/**
 *     ContainerStatus   1 id | 2 metadata { 1 name } | 3 state | 4 created_at | 5 started_at (ns) | 8 image
 *                       | 9 image_ref | 12 labels… | 13 annotations… | 14 mounts… | 15 log_path
 *     ImageSpec         1 image | 18 user_specified_image
 *     Mount             1 container_path | 2 host_path
 */
function readContainerStatus(bytes: Uint8Array, info: ReadonlyMap<string, string>): CriStatus {
  const labels = new Map<string, string>();
  const annotations = new Map<string, string>();
  const mounts: { containerPath: string; hostPath: string }[] = [];
  const texts = { id: "", name: "", image: "", userSpecifiedImage: "", imageRef: "", logPath: "" };
  const status = { state: STATES[0], createdMs: 0, startedMs: 0 };
  readMessage(bytes, (field, reader) => {
    if (field === 1) texts.id = reader.string();
    else if (field === 2) readNested(reader.bytes(), [1], (metadata) => texts.name = metadata.string());
    else if (field === 3) status.state = STATES[reader.int32()] ?? "unknown";
    else if (field === 4) status.createdMs = timeMs(reader.int64());
    else if (field === 5) status.startedMs = timeMs(reader.int64());
    else if (field === 8) {
      const image = reader.bytes();
      readNested(image, [1], (spec) => texts.image = spec.string());
      readNested(image, [18], (spec) => texts.userSpecifiedImage = spec.string());
    } else if (field === 9) texts.imageRef = reader.string();
    else if (field === 12) readMapEntry(reader.bytes(), labels);
    else if (field === 13) readMapEntry(reader.bytes(), annotations);
    else if (field === 14) mounts.push(readMount(reader.bytes()));
    else if (field === 15) texts.logPath = reader.string();
    else return false;
  });
  return { ...texts, ...status, labels, annotations, mounts, info };
}

function readMount(bytes: Uint8Array): { containerPath: string; hostPath: string } {
  const mount = { containerPath: "", hostPath: "" };
  readMessage(bytes, (field, reader) => {
    if (field === 1) mount.containerPath = reader.string();
    else if (field === 2) mount.hostPath = reader.string();
    else return false;
  });
  return mount;
}
