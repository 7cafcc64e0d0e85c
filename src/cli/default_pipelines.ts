/** Topic of `start` when KAFKA_TOPIC is not set. */
const START_TOPIC = "denotail";

/** Asks for a variable of the environment. */
type Env = (name: string) => string | undefined;

/** What `start` runs when nobody wrote a pipeline: all containers, and the host's log files. */
export function defaultPipelines(env: Env): Readonly<Record<string, string>> {
  const flusher = startFlusher(brokersOf(env), topicOf(env));
  return {
    "containers.yaml": `inputs:
  - Type: service_docker_stdout
${flusher}`,
    "var_log.yaml": `${VAR_LOG_INPUT}${flusher}`,
  };
}

/** The folders left out belong to the container input; a journal is no text, and never becomes one. */
const VAR_LOG_INPUT = `inputs:
  - Type: file_log
    LogPath: /var/log
    FilePattern: "*"
    MaxDepth: 10
    SkipBinaryFiles: true
    DirBlackList:
      - /var/log/pods
      - /var/log/containers
      - /var/log/journal
`;

/** Where these pipelines send to, for people. */
export function startDestination(env: Env): string {
  const brokers = brokersOf(env);
  return brokers.length === 0
    ? "standard output (KAFKA_BROKERS=host:port in front sends them to Kafka instead)"
    : `Kafka at ${brokers.join(", ")}, topic '${topicOf(env)}'`;
}

function brokersOf(env: Env): readonly string[] {
  const brokers = env("KAFKA_BROKERS") ?? "";
  return brokers.split(",").map((broker) => broker.trim()).filter((broker) => broker !== "");
}

function topicOf(env: Env): string {
  return env("KAFKA_TOPIC") || START_TOPIC;
}

function startFlusher(brokers: readonly string[], topic: string): string {
  if (brokers.length === 0) return "flushers:\n  - Type: flusher_stdout\n";
  // JSON's strings are YAML's double-quoted ones, so no name of a topic can break out of its line.
  const lines = brokers.map((broker) => `      - ${JSON.stringify(escapeReferences(broker))}\n`).join("");
  return `flushers:\n  - Type: flusher_kafka_v2\n    Brokers:\n${lines}    Topic: ${
    JSON.stringify(escapeReferences(topic))
  }\n`;
}

function escapeReferences(text: string): string {
  return text.replaceAll("${", () => "$${");
}
