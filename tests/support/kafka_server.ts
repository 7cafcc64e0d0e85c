/** One broker's configuration and its storage format: Kafka in KRaft mode, a single node. */
import type { KafkaInstall } from "./kafka_install.ts";
import { mustRun } from "./process.ts";

/** Names and secrets of the one user that secure listeners know (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512). */
export const testUser = { username: "alice", password: "alice-secret" };

/** Ports of the listeners a broker may have beside the plain one. */
export interface SecurePorts {
  saslPlaintext: number;
  ssl: number;
  mtls: number;
  saslSsl: number;
}

/** What {@linkcode serverProperties} needs; `extra` wins over everything. */
export interface ServerOptions {
  /** Address of the plain listener. Default: 127.0.0.1. */
  host?: string;
  port: number;
  controller: number;
  data: string;
  /** Ports and the folder of the certificates, when secure listeners are asked for. */
  secure?: { ports: SecurePorts; tls: string };
  /** A broker of another one's cluster: its number, above 1; `controller` is the other one's port. */
  node?: number;
  extra: Record<string, string>;
}

const protocols =
  "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,MTLS:SSL,SASL_SSL:SASL_SSL";

/** The text of server.properties. Short session time-outs, else a restart after a kill waits 9 s for the old one. */
export function serverProperties(options: ServerOptions): string {
  const { host = "127.0.0.1", port, controller, data } = options;
  const plain = `PLAINTEXT://${host}:${port}`;
  const properties: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listeners": `${plain},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": plain,
    "listener.security.protocol.map": protocols,
    "log.dirs": `${data}/logs`,
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "4000000",
    "controlled.shutdown.enable": "false",
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "250",
    "initial.broker.registration.timeout.ms": "30000",
  };
  if (options.node !== undefined) {
    const joined = { "process.roles": "broker", "node.id": String(options.node), "listeners": plain };
    Object.assign(properties, joined);
  }
  if (options.secure) Object.assign(properties, secureProperties(options));
  Object.assign(properties, options.extra);
  return Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join("");
}

function secureProperties(
  { host = "127.0.0.1", port, controller, secure }: ServerOptions,
): Record<string, string> {
  const { ports, tls } = secure!;
  const listeners = (host: string) =>
    [
      `SASL_PLAINTEXT://127.0.0.1:${ports.saslPlaintext}`,
      `SSL://${host}:${ports.ssl}`,
      `MTLS://${host}:${ports.mtls}`,
      `SASL_SSL://${host}:${ports.saslSsl}`,
    ].join(",");
  const properties: Record<string, string> = {
    "listeners": `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controller},${listeners("127.0.0.1")}`,
    "advertised.listeners": `PLAINTEXT://${host}:${port},${listeners("localhost")}`,
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": `${tls}/broker.pem`,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": `${tls}/ca.crt`,
    "ssl.client.auth": "none",
    "listener.name.mtls.ssl.client.auth": "required",
  };
  const security = "org.apache.kafka.common.security";
  for (const listener of ["sasl_plaintext", "sasl_ssl"]) {
    const prefix = `listener.name.${listener}`;
    properties[`${prefix}.plain.sasl.jaas.config`] =
      `${security}.plain.PlainLoginModule required user_${testUser.username}="${testUser.password}";`;
    for (const size of [256, 512]) {
      properties[`${prefix}.scram-sha-${size}.sasl.jaas.config`] =
        `${security}.scram.ScramLoginModule required;`;
    }
  }
  return properties;
}

/** Formats the storage; SCRAM users are made here, so that no admin call is needed for them. */
export async function formatStorage(
  install: KafkaInstall,
  conf: string,
  users: { username: string; password: string }[],
): Promise<void> {
  const scram = users.flatMap(({ username, password }) =>
    ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
      "--add-scram",
      `${mechanism}=[name=${username},iterations=4096,password=${password}]`,
    ])
  );
  const jvm = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx64m"];
  const cluster = ["-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", conf];
  await mustRun(
    ["java", ...jvm, "-cp", install.classPath, "kafka.tools.StorageTool", "format", ...cluster, ...scram],
  );
}

/** True when something listens on the loopback port. */
export async function portAnswers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
