/** Topic of `start` when KAFKA_TOPIC is not set. */
export const START_TOPIC = "denotail";

/** What `start` runs when nobody wrote a pipeline: all containers, and the host's log files. */
export function defaultPipelines(
  env: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const flusher = startFlusher(env("KAFKA_BROKERS") ?? "", env("KAFKA_TOPIC") || START_TOPIC);
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

function startFlusher(brokers: string, topic: string): string {
  const list = brokers.split(",").map((broker) => broker.trim()).filter((broker) => broker !== "");
  if (list.length === 0) return "flushers:\n  - Type: flusher_stdout\n";
  // JSON's strings are YAML's double-quoted ones, so no name of a topic can break out of its line.
  const lines = list.map((broker) => `      - ${JSON.stringify(escapeReferences(broker))}\n`).join("");
  return `flushers:\n  - Type: flusher_kafka_v2\n    Brokers:\n${lines}    Topic: ${
    JSON.stringify(escapeReferences(topic))
  }\n`;
}

function escapeReferences(text: string): string {
  return text.replaceAll("${", () => "$${");
}
