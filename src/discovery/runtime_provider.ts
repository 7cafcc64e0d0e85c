import type { Container, RuntimeKind } from "../core/container.ts";
import type { Files } from "../core/host.ts";
import type { RuntimeHint } from "../core/runtime.ts";

/** One container as the cheap list shows it. */
export interface ListedContainer {
  readonly id: string;
  /** Everything of the list that calls for another inspection when it changes: state, labels, pod labels. */
  readonly fingerprint: string;
}

/**
 * A runtime seen alike, whatever it speaks. `list` is cheap and runs all the time; `inspect` is asked for new
 * ids and changed fingerprints, always after a `list` of the same provider.
 */
export interface RuntimeProvider {
  readonly kind: RuntimeKind;
  readonly socket: string;
  /** Without sandboxes and without containers that never started. Throws RuntimeError. */
  list(signal: AbortSignal): Promise<readonly ListedContainer[]>;
  /** `null` when it is gone or has not started. Throws RuntimeError. */
  inspect(id: string, signal: AbortSignal): Promise<Container | null>;
  watch(onHint: RuntimeHint, signal: AbortSignal): Promise<"ended" | "unsupported">;
  close(): void;
}

/** What providers need of the machine. */
export interface ProviderHost {
  readonly files: Pick<Files, "readText" | "stat">;
  /** `/logtail_host`, or `/` outside a container. */
  readonly hostRoot: string;
  /** Address given to host-network containers, "" if unknown. */
  readonly nodeIp: () => string;
  /** Folder of containerd's state where it is not beside its socket, "" if not given. */
  readonly containerdStateDir: string;
}
