/** What end-to-end tests of the agent stand on: one namespace with runtimes and a broker per test file. */
import { type AgentOptions, prepareAgent, type TestAgent } from "../support/agent.ts";
import { startContainerd, type TestContainerd } from "../support/containerd.ts";
import { startDockerd, type TestDocker } from "../support/dockerd.ts";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { type Namespace, startNamespace } from "../support/namespace.ts";
import { atExit } from "../support/process.ts";
import { bedTest } from "../support/system.ts";
import { brokerTime, report } from "../support/verify.ts";

/** Parts of a bed. Each is started at its first use and lives until the test file ends. */
export class AgentBed {
  #namespace: Promise<Namespace> | undefined;
  #kafka: Promise<TestKafka> | undefined;
  #containerd: Promise<TestContainerd> | undefined;
  #docker: Promise<TestDocker> | undefined;
  readonly #agents: TestAgent[] = [];
  #topics = 0;

  /** `program`: makes the compiled binary that agents run; absent: they run from the sources. */
  constructor(private readonly program?: () => Promise<string>) {
    atExit(() => {
      for (const agent of this.#agents) if (agent.started && agent.alive) agent.signal("SIGKILL");
    });
  }

  /** `bedTest` that shows what the agents said when a test fails, and ends them behind each test. */
  tests(ready: boolean): ReturnType<typeof bedTest> {
    const define = bedTest(ready);
    return (name, body) =>
      define(name, async () => {
        const before = this.#agents.length;
        try {
          await body();
        } catch (error) {
          for (const agent of this.#agents.slice(before)) report(`own log of the agent:\n${agent.logTail()}`);
          throw error;
        } finally {
          for (const agent of this.#agents.slice(before)) await agent.dispose();
        }
      });
  }

  namespace(): Promise<Namespace> {
    return this.#namespace ??= startNamespace();
  }

  kafka(): Promise<TestKafka> {
    return this.#kafka ??= startKafka();
  }

  async containerd(): Promise<TestContainerd> {
    const namespace = await this.namespace();
    return await (this.#containerd ??= startContainerd({ namespace }));
  }

  async docker(): Promise<TestDocker> {
    const namespace = await this.namespace();
    return await (this.#docker ??= startDockerd({ namespace }));
  }

  /** A topic with a fresh name, whose records carry the broker's time. */
  async topic(stem: string, partitions = 1): Promise<string> {
    const name = `${stem}-${++this.#topics}`;
    await (await this.kafka()).createTopic(name, partitions, brokerTime);
    return name;
  }

  /** An agent in the namespace, ready. */
  async agent(options: Omit<AgentOptions, "namespace">): Promise<TestAgent> {
    const agent = await this.prepared(options);
    await agent.start();
    await agent.waitReady();
    return agent;
  }

  /** The same, not started. */
  async prepared(options: Omit<AgentOptions, "namespace">): Promise<TestAgent> {
    const program = await this.program?.();
    const agent = await prepareAgent({ program, ...options, namespace: await this.namespace() });
    this.#agents.push(agent);
    return agent;
  }
}

/** A pipeline that sends containers' stdout and stderr to a topic. `more` are lines of the input. */
export function stdoutPipeline(
  broker: string,
  topic: string,
  more: string[] = [],
  flusher: string[] = [],
): string {
  return pipeline("service_docker_stdout", more, broker, topic, flusher);
}

/** A pipeline that sends files to a topic: LogPath, FilePattern, and more lines of the input. */
export function filePipeline(
  logPath: string,
  filePattern: string,
  broker: string,
  topic: string,
  more: string[] = [],
  flusher: string[] = [],
): string {
  const lines = [`LogPath: ${logPath}`, `FilePattern: "${filePattern}"`, ...more];
  return pipeline("file_log", lines, broker, topic, flusher);
}

function pipeline(input: string, more: string[], broker: string, topic: string, flusher: string[]): string {
  const inputLines = more.map((line) => `    ${line}\n`).join("");
  const flusherLines = flusher.map((line) => `    ${line}\n`).join("");
  return `enable: true
inputs:
  - Type: ${input}
${inputLines}flushers:
  - Type: flusher_kafka_v2
    Brokers:
      - ${broker}
    Topic: ${topic}
${flusherLines}`;
}
