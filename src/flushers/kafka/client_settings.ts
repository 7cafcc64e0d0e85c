import {
  CLIENT_ID_BYTES_MAX,
  type KafkaHost,
  type KafkaSasl,
  type KafkaSettings,
  type KafkaTls,
  type TlsVersion,
} from "../../core/kafka_port.ts";
import type { Report } from "../../core/plugin.ts";
import type { KafkaOptions } from "./kafka_options.ts";
import type { ProducerSettings } from "./producer_settings.ts";

/** Options -> how to connect. Mistakes go to the report. */
export function connectionSettings(options: KafkaOptions, host: KafkaHost, report: Report): KafkaSettings {
  checkBrokers(options.Brokers, report);
  checkVersion(options.Version, report);
  const idBytes = new TextEncoder().encode(options.ClientID).length;
  if (idBytes > CLIENT_ID_BYTES_MAX) {
    report.error(
      ["ClientID"],
      "KAFKA_CLIENT_ID_TOO_LONG",
      `the client id has ${idBytes} bytes`,
      `at most ${CLIENT_ID_BYTES_MAX}`,
    );
  }
  return {
    brokers: options.Brokers,
    clientId: options.ClientID,
    connectTimeoutMs: options.Timeout,
    keepAliveMs: options.KeepAlive,
    sasl: saslSettings(options, report),
    tls: tlsSettings(options, host, report),
  };
}

/** Options -> how to send. */
export function producerSettings(options: KafkaOptions): ProducerSettings {
  const retryFirstMs = Math.min(options.Backoff.Init, options.Backoff.Max);
  return {
    acks: options.RequiredAcks,
    // The broker answers before the connection is given up.
    brokerTimeoutMs: Math.min(options.BrokerTimeout, Math.floor(options.Timeout * 0.9)),
    inFlightMax: options.MaxOpenRequests,
    // Room for the batch's own head and for what compression may add.
    sealBytes: Math.max(500, Math.min(384 * 1024, options.MaxMessageBytes - 500)),
    recordsMax: options.BulkMaxSize,
    lingerMs: options.BulkFlushFrequency,
    retryFirstMs,
    retryMaxMs: options.Backoff.Max,
    warnAfterRetries: options.MaxRetries < 0 ? 1000 : options.MaxRetries,
    metadataRetryMs: options.Metadata.Retry.Backoff,
    metadataRefreshMs: options.Metadata.RefreshFrequency,
  };
}

/** Splits `host:port`, `[v6]:port` too; `null` when it is neither. */
export function parseBroker(address: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  return match === null || port < 1 || port > 65_535 ? null : { host: match[1] ?? match[2], port };
}

function checkBrokers(brokers: readonly string[], report: Report): void {
  brokers.forEach((address, i) => {
    if (parseBroker(address) !== null) return;
    report.error(
      ["Brokers", i],
      "KAFKA_BROKER_ADDRESS",
      `'${address}' is not a broker's address`,
      "'host:port'",
    );
  });
}

function checkVersion(version: string, report: Report): void {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:\.\d+)?$/.exec(version);
  if (match === null) {
    report.error(
      ["Version"],
      "KAFKA_VERSION",
      `'${version}' is not a version of Kafka`,
      "for instance '3.6.0'",
    );
  } else if (Number(match[1]) === 0 && Number(match[2]) < 11) {
    report.error(
      ["Version"],
      "KAFKA_VERSION_TOO_OLD",
      `Kafka '${version}' does not know today's record format`,
      "'0.11.0' or newer",
    );
  }
}

function saslSettings(options: KafkaOptions, report: Report): KafkaSasl | undefined {
  const { PlainText: plain, SASL: sasl, Kerberos: kerberos } = options.Authentication;
  if (Object.keys(kerberos).length > 0) {
    report.error(
      ["Authentication", "Kerberos"],
      "KAFKA_KERBEROS",
      "Kerberos logins are not supported",
      "'SASL' with 'SCRAM-SHA-512', or mTLS",
    );
  }
  const missing = (name: string, what: string) =>
    report.error(["Authentication", name, what], "KAFKA_LOGIN_INCOMPLETE", `the login has no '${what}'`);
  if (plain.Username !== "") {
    if (sasl.Username !== "" && sasl.Username !== plain.Username) {
      report.warn(["Authentication", "SASL"], "KAFKA_LOGIN_TWICE", "'PlainText' is used, and 'SASL' is not");
    }
    if (plain.Password === "") missing("PlainText", "Password");
    return { mechanism: "PLAIN", username: plain.Username, password: plain.Password };
  }
  if (sasl.Username === "" && sasl.Password === "" && sasl.SaslMechanism === undefined) return undefined;
  if (sasl.Username === "") missing("SASL", "Username");
  if (sasl.Password === "") missing("SASL", "Password");
  if (sasl.SaslMechanism === undefined) missing("SASL", "SaslMechanism");
  return { mechanism: sasl.SaslMechanism ?? "PLAIN", username: sasl.Username, password: sasl.Password };
}

function tlsSettings(options: KafkaOptions, host: KafkaHost, report: Report): KafkaTls | undefined {
  const tls = options.Authentication.TLS;
  if (!tls.Enabled) {
    const unused = (["CAFile", "CertFile", "KeyFile"] as const).find((name) => tls[name] !== "");
    if (unused !== undefined) {
      report.warn(
        ["Authentication", "TLS", unused],
        "KAFKA_TLS_OFF",
        `'${unused}' is not used, and lines go out unencrypted: 'TLS.Enabled' is not set`,
      );
    }
    return undefined;
  }
  if (tls.MaxVersion !== undefined && tls.MaxVersion < tls.MinVersion) {
    report.error(
      ["Authentication", "TLS", "MaxVersion"],
      "KAFKA_TLS_VERSIONS",
      `'MaxVersion' ${tls.MaxVersion} is older than 'MinVersion' ${tls.MinVersion}`,
      "the newest version that is allowed",
    );
  }
  for (const name of ["CAFile", "CertFile", "KeyFile"] as const) {
    const problem = tls[name] === "" ? null : host.checkPem(tls[name]);
    if (problem !== null) report.error(["Authentication", "TLS", name], "KAFKA_TLS_FILE", problem);
  }
  if ((tls.CertFile === "") !== (tls.KeyFile === "")) {
    const absent = tls.CertFile === "" ? "CertFile" : "KeyFile";
    report.error(
      ["Authentication", "TLS", absent],
      "KAFKA_TLS_PAIR",
      `'${absent}' is missing`,
      "a certificate together with its key",
    );
  }
  if (tls.InsecureSkipVerify) {
    report.warn(
      ["Authentication", "TLS", "InsecureSkipVerify"],
      "KAFKA_TLS_INSECURE",
      "brokers are not verified: whoever stands in between can read and answer",
    );
  }
  const version = (name: string | undefined) => (name === undefined ? undefined : TLS_VERSIONS[name]);
  return {
    caFile: tls.CAFile || undefined,
    certFile: tls.CertFile || undefined,
    keyFile: tls.KeyFile || undefined,
    insecureSkipVerify: tls.InsecureSkipVerify,
    minVersion: version(tls.MinVersion),
    maxVersion: version(tls.MaxVersion),
  };
}

const TLS_VERSIONS: Readonly<Record<string, TlsVersion>> = {
  "1.0": "TLSv1",
  "1.1": "TLSv1.1",
  "1.2": "TLSv1.2",
  "1.3": "TLSv1.3",
};
