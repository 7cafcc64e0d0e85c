import type { Container, RuntimeStatus } from "../core/container.ts";

/**
 * One origin of containers: a runtime socket, or the static file. It keeps its last known set while it is away;
 * what disappears from the set is gone.
 */
export interface ContainerSource {
  /** `changed` is called after every difference in `status`, `settled` or `containers`, never during `start`. */
  start(changed: () => void): void;
  stop(): Promise<void>;
  status(): RuntimeStatus;
  /** Nothing more is to be waited for: it has answered, is absent, or will not let us in. */
  settled(): boolean;
  /** By id; a new map after each change. */
  containers(): ReadonlyMap<string, Container>;
  /** Look soon. */
  refresh(): void;
}
