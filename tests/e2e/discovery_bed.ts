/** A discovery on the real machine for end-to-end tests, and waiting for what it says. */
import type { Container, ContainerSnapshot, Discovery } from "../../src/core/container.ts";
import { createDiscovery, type DiscoveryOptions } from "../../src/discovery/create_discovery.ts";
import { ownContainer } from "../../src/discovery/own_container.ts";
import { systemClock } from "../../src/host/clock.ts";
import { HostFiles } from "../../src/host/files.ts";
import { networkAddresses } from "../../src/host/network_addresses.ts";
import { runtimeConnector } from "../../src/host/runtime_connector.ts";
import { onDeno24 } from "../support/deno_version.ts";
import type { Namespace } from "../support/namespace.ts";
import { patienceMs } from "../support/process.ts";

/** Node address that the tests hand in as the downward API would. */
export const NODE_IP = "192.0.2.77";

/** The file system that the runtime sees, its `/proc` included, as a host root for a program outside. */
export function hostRootOf(namespace: Namespace): string {
  return `/proc/${namespace.holderPid}/root`;
}

// A runtime that dies leaves a rejection behind that nobody can catch; the agent has the same guard (host/process.ts).
if (onDeno24) globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());

/** Starts discovery against real sockets. */
export function startDiscovery(options: DiscoveryOptions): Discovery {
  const discovery = createDiscovery({
    clock: systemClock,
    files: new HostFiles(options.hostRoot ?? "/", systemClock),
    runtimes: runtimeConnector,
    environment: (name) => name === "NODE_IP" ? NODE_IP : undefined,
    addresses: networkAddresses,
    subscriberFailed: (error) => {
      throw error;
    },
  }, options);
  discovery.start();
  return discovery;
}

/** Waits until a snapshot answers; gives the answer. Throws with the last snapshot's runtimes after the limit. */
export function untilSnapshot<T>(
  discovery: Discovery,
  what: string,
  look: (snapshot: ContainerSnapshot) => T | undefined | false,
  timeoutMs = patienceMs,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      off();
      const { runtimes, containers } = discovery.current();
      const names = [...containers.values()].map((container) => `${container.name} ${container.state}`);
      reject(new Error(`No ${what} within ${timeoutMs} ms: ${JSON.stringify({ runtimes, names })}`));
    }, timeoutMs);
    const off = discovery.onSnapshot((snapshot) => check(snapshot));
    const check = (snapshot: ContainerSnapshot) => {
      const answer = look(snapshot);
      if (answer === undefined || answer === false) return;
      clearTimeout(timer);
      off();
      resolve(answer);
    };
    check(discovery.current());
  });
}

/** The running container of that name, `undefined` if there is none. */
export function named(snapshot: ContainerSnapshot, name: string): Container | undefined {
  return [...snapshot.containers.values()].find(({ name: its, state }) =>
    its === name && state === "running"
  );
}

/**
 * With no list but the first one a container can only come by the feed of events. `run` starts one of that name; a
 * second and a third try are for a feed that was not yet listened to.
 */
export async function assertFeedTells(
  options: DiscoveryOptions,
  run: (name: string) => Promise<unknown>,
): Promise<void> {
  const discovery = startDiscovery({ ...options, timing: { listIntervalMs: 3_600_000 } });
  try {
    await untilSnapshot(discovery, "complete snapshot", (snapshot) => snapshot.complete);
    for (let tries = 1;; tries++) {
      const name = `fed-${tries}`;
      await run(name);
      const seen = untilSnapshot(discovery, name, (snapshot) => named(snapshot, name), 20_000);
      if (await seen.then(() => true, () => false)) return;
      if (tries === 3) await seen;
    }
  } finally {
    await discovery.stop();
  }
}

/**
 * How the process of this container would recognise itself by each text alone (`hostPid` aside): by its cgroup
 * file, and with that hidden, as under cgroup version 2, by its mounts.
 */
export function ownEvidence(hostRoot: string, pid: number, snapshot: ContainerSnapshot): readonly string[] {
  const read = (name: string) => Deno.readTextFileSync(`${hostRoot}/proc/${pid}/${name}`);
  const nothing = { cgroup: "", mountinfo: "", hostPid: 0, hostName: "" };
  return [{ ...nothing, cgroup: read("cgroup") }, { ...nothing, mountinfo: read("mountinfo") }].map(
    (facts) => {
      const own = ownContainer(facts, snapshot.containers);
      return own === null ? "nothing" : `${own.evidence} ${own.id}`;
    },
  );
}
