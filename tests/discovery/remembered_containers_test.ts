import assert from "node:assert/strict";
import type { Container, ContainerSnapshot, Discovery } from "../../src/core/container.ts";
import { type Notes, RememberedContainers } from "../../src/discovery/remembered_containers.ts";
import { VirtualClock } from "../support/virtual_host.ts";

const CONTAINER: Container = {
  id: "a".repeat(64),
  runtime: "cri",
  name: "web",
  image: "web:1",
  labels: new Map([["l", "v"]]),
  podName: "web-0",
  namespace: "default",
  podUid: "u",
  podLabels: new Map([["app", "web"]]),
  annotations: new Map(),
  env: new Map([["A", "1=2"]]),
  ip: "10.0.0.1",
  hostName: "web-0",
  logPath: "/var/log/pods/0.log",
  logDriver: "cri",
  upperDir: "/upper",
  lowerDirs: ["/lower"],
  mergedRoot: "",
  mounts: [{ source: "/data", destination: "/d" }],
  pid: 7,
  state: "running",
  createdMs: 1,
  startedMs: 2,
  vmIsolated: false,
  isPause: false,
};

class FakeDiscovery implements Discovery {
  #snapshot: ContainerSnapshot = { sequence: 0, containers: new Map(), complete: false, runtimes: [] };
  readonly #callbacks = new Set<(snapshot: ContainerSnapshot) => void>();
  start(): void {}
  stop(): Promise<void> {
    return Promise.resolve();
  }
  refresh(): void {}
  current(): ContainerSnapshot {
    return this.#snapshot;
  }
  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }
  publish(containers: readonly Container[], complete: boolean): void {
    const map = new Map(containers.map((container) => [container.id, container]));
    this.#snapshot = { sequence: this.#snapshot.sequence + 1, containers: map, complete, runtimes: [] };
    for (const callback of this.#callbacks) callback(this.#snapshot);
  }
}

class MapNotes implements Notes {
  readonly texts = new Map<string, string>();
  note(name: string): string | null {
    return this.texts.get(name) ?? null;
  }
  setNote(name: string, text: string): void {
    this.texts.set(name, text);
  }
}

function started(notes: Notes, clock = new VirtualClock()) {
  const inner = new FakeDiscovery();
  const remembered = new RememberedContainers(inner, notes, clock, (error) => {
    throw error;
  });
  remembered.keepEnv(["A"]);
  remembered.start();
  return { inner, remembered, clock };
}

function afterOneRun(): MapNotes {
  const notes = new MapNotes();
  const { inner, clock } = started(notes);
  inner.publish([CONTAINER, { ...CONTAINER, id: "gone", state: "gone" }], true);
  clock.advance(2_000);
  return notes;
}

Deno.test("RememberedContainers writes no annotations: they may hold a pod's whole specification, passwords too", () => {
  const notes = new MapNotes();
  const { inner, clock } = started(notes);
  const name = "kubectl.kubernetes.io/last-applied-configuration";
  inner.publish([{ ...CONTAINER, annotations: new Map([[name, '{"env":[{"value":"hunter2"}]}']]) }], true);
  clock.advance(1_000);
  assert.equal(notes.texts.size, 1);
  assert.ok(![...notes.texts.values()].some((text) => text.includes("hunter2")));
});

Deno.test("remembered containers stand in, whole, while a runtime is away at start", () => {
  const { remembered } = started(afterOneRun());
  assert.deepEqual([...remembered.current().containers.values()], [CONTAINER]);
  assert.equal(remembered.current().complete, false);
});

Deno.test("remembered containers give way to the runtime's answer", () => {
  const { inner, remembered } = started(afterOneRun());
  const seen: string[][] = [];
  remembered.onSnapshot((snapshot) => seen.push([...snapshot.containers.keys()]));
  inner.publish([{ ...CONTAINER, id: "new" }], false);
  inner.publish([{ ...CONTAINER, id: "new" }], true);
  assert.deepEqual(seen, [[CONTAINER.id, "new"], ["new"]]);
});

Deno.test("remembered containers are written down at stop, and not before the runtimes have answered", async () => {
  const notes = new MapNotes();
  const first = started(notes);
  first.inner.publish([CONTAINER], false);
  await first.remembered.stop();
  assert.equal(notes.texts.size, 0);
  const second = started(notes);
  second.inner.publish([CONTAINER], true);
  await second.remembered.stop();
  assert.equal(started(notes).remembered.current().containers.size, 1);
});

Deno.test("remembered containers are none when the note is damaged", () => {
  const notes = new MapNotes();
  for (const text of ["", "{", "[1]", '[{"id":"x"}]', "null"]) {
    notes.setNote("containers", text);
    assert.equal(started(notes).remembered.current().containers.size, 0);
  }
});

Deno.test("remembered containers keep no variable that nobody asks for", () => {
  const notes = new MapNotes();
  const { inner, clock } = started(notes);
  const env = new Map([["A", "a"], ["PASSWORD", "secret"], ["aliyun_logs_x_tags", "k=v"]]);
  inner.publish([{ ...CONTAINER, env }], true);
  clock.advance(2_000);
  assert.ok(!notes.texts.get("containers")!.includes("secret"));
  const [container] = started(notes).remembered.current().containers.values();
  assert.deepEqual([...container.env], [["A", "a"], ["aliyun_logs_x_tags", "k=v"]]);
});
