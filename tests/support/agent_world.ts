import assert from "node:assert/strict";
import { Agent, type Loaded } from "../../src/agent/agent.ts";
import type { AgentOptions, World } from "../../src/agent/options.ts";
import { printProblems } from "../../src/config/print_problems.ts";
import type { Problem } from "../../src/config/problem.ts";
import type { NodeIdentity, Plugin } from "../../src/core/plugin.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";
import { FakeDiscovery } from "./fake_discovery.ts";
import { Delivered, memoryFlusher } from "./memory_flusher.ts";
import { MemoryLog } from "./memory_log.ts";
import { MapStore } from "./tail_world.ts";
import { MemoryFiles, VirtualClock } from "./virtual_host.ts";

/** The node as tags tell it, unless a test says otherwise. */
export const NODE: NodeIdentity = {
  name: "node-1",
  ip: "10.0.0.1",
  userDefinedId: "default",
  envTags: [],
  hostTags: false,
};

/** Ordered fields of one record. */
export type Fields = readonly (readonly [key: string, value: string])[];

/**
 * A whole agent on a virtual machine: pipelines as YAML text, containers as published by a test, files in memory
 * below `/host`, and what its flusher got as envelope JSON. `restart` is a crash with the same disk.
 */
export class AgentWorld {
  readonly clock = new VirtualClock();
  readonly files: MemoryFiles;
  readonly discovery = new FakeDiscovery();
  readonly delivered = new Delivered();
  readonly store: MapStore;
  readonly log = new MemoryLog();
  /** Secrets that the log was told. */
  readonly hidden: string[] = [];
  metrics = new MetricRegistry();
  node: NodeIdentity = NODE;
  /** More options of the agent. */
  options: Partial<AgentOptions> = {};
  readonly variables: Record<string, string> = {};
  rssBytes = 100 << 20;
  cpuSeconds = 0;
  /** What flushers find of the machine. */
  flusherHost: World["flusherHost"] = {};
  agent!: Agent;
  loaded!: Loaded;
  #pipelines: Readonly<Record<string, string>> = {};
  readonly #plugins: readonly Plugin[];
  readonly #hostRoot: string;

  constructor(plugins: readonly Plugin[] = PLUGINS, hostRoot = "/host") {
    this.#plugins = plugins;
    this.#hostRoot = hostRoot;
    this.files = new MemoryFiles(this.clock, hostRoot);
    this.store = new MapStore(() => this.clock.wallMs());
    // The agent starts a while after the machine, so that files can be older than it.
    this.clock.advance(1_000);
  }

  /** Loads and starts one input; anything but warnings fails the test. `more`: further top-level keys. */
  async start(type: string, options = "", more = ""): Promise<void> {
    await this.load({ "test.yaml": pipelineText(type, options, more) });
    assert.equal(this.errors.length, 0, printProblems(this.loaded.problems));
    this.agent.start();
  }

  /** Loads pipelines without starting. */
  async load(pipelines: Readonly<Record<string, string>>): Promise<Loaded> {
    this.#pipelines = pipelines;
    this.agent = this.#make();
    return this.loaded = await this.agent.load();
  }

  /** A crash and a new start of the same pipelines on the same disk. */
  async restart(): Promise<void> {
    this.agent.tail.stopReading();
    this.store.birth = { ...this.store.birth, kind: "known" };
    this.metrics = new MetricRegistry();
    await this.load(this.#pipelines);
    this.agent.start();
  }

  /** Lets time pass; 1.5 s suffice to find and read files. */
  run(ms = 1_500): void {
    this.clock.advance(ms);
  }

  get errors(): readonly Problem[] {
    return this.loaded.problems.filter(({ level }) => level === "error");
  }

  /** `code path` of every problem. */
  get problems(): string[] {
    return this.loaded.problems.map(({ code, path }) => `${code} ${path}`);
  }

  /** Fields of each record, in order. */
  get records(): Fields[] {
    return this.delivered.lines.map((line) =>
      (JSON.parse(line).Contents as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value])
    );
  }

  /** One field of each record, `content` by default; `undefined` where it is missing. */
  values(key = "content"): (string | undefined)[] {
    return this.records.map((fields) => fields.find(([name]) => name === key)?.[1]);
  }

  /** Keys of the first record, in order. */
  get keys(): string[] {
    return this.records[0].map(([key]) => key);
  }

  /** Warnings of this message. */
  warnings(message: string): Readonly<Record<string, unknown>>[] {
    return this.log.lines.filter((line) => line.level === "warn" && line.message === message)
      .map(({ fields }) => fields);
  }

  #make(): Agent {
    const options: AgentOptions = {
      config: { files: this.#pipelines },
      hostRoot: this.#hostRoot,
      fromStart: false,
      stopTimeoutMs: 10_000,
      cpuLimitCores: null,
      memoryLimitMb: null,
      budgetBytes: 16 << 20,
      heldBytes: 8 << 20,
      deletedBytes: 1 << 30,
      node: this.node,
      ...this.options,
    };
    const world: World = {
      clock: this.clock,
      files: this.files,
      random: () => 0.5,
      env: (name) => this.variables[name],
      log: this.log,
      hide: (secret) => void this.hidden.push(secret),
      metrics: this.metrics,
      process: { rssBytes: () => this.rssBytes, cpuSeconds: () => this.cpuSeconds, collectGarbage: () => {} },
      store: this.store,
      discovery: this.discovery,
      flusherHost: this.flusherHost,
    };
    return new Agent(options, world, [...this.#plugins, memoryFlusher(this.delivered)]);
  }
}

/** A pipeline of one input, its options as YAML without indentation. */
export function pipelineText(type: string, options: string, more = ""): string {
  const indented = options.split("\n").map((line) => line === "" ? "" : `    ${line}`).join("\n");
  return `enable: true\n${more}\ninputs:\n  - Type: ${type}\n${indented}\nflushers:\n  - Type: flusher_memory\n`;
}
