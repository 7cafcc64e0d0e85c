/** What an error means and what to do about it. */
export interface ErrorEntry {
  readonly meaning: string;
  readonly remedy: string;
}

/** Every code of an `AgentError`; docs/reference/errors.md is made of these, and a test finds codes that lack here. */
export const ERROR_CODES: Readonly<Record<string, ErrorEntry>> = {
  CHECKPOINT_FOLDER: {
    meaning: "The checkpoint folder is missing, is no folder, or may not be written.",
    remedy:
      "Make it and let the agent's user write there, name another one with `--checkpoint`, or start with `--checkpoint=memory`. A hostPath volume needs `type: DirectoryOrCreate`.",
  },
  CHECKPOINT_HELD: {
    meaning: "Another agent uses the checkpoint folder and did not leave it within `--lock-timeout`.",
    remedy: "Stop the agent that the message names, or give each its own folder.",
  },
  CHECKPOINT_SAVE_FAILED: {
    meaning: "The disk refused a save. It is tried again; lines are delivered meanwhile.",
    remedy: "Free space on the disk of the checkpoint folder.",
  },
  CHECKPOINT_UNUSABLE: {
    meaning: "No store can be made in the checkpoint folder, not even a new one.",
    remedy: "Empty the folder, or start with `--checkpoint=memory`.",
  },
  CODEC_LEVEL: {
    meaning: "A compression level that the codec does not have.",
    remedy: "Take one of the levels that the message names, or leave `CompressionLevel` out.",
  },
  EVENTS_NOT_WRITTEN: {
    meaning: "`flusher_stdout` cannot write. It is tried again, and reading waits.",
    remedy: "Free space, or make the file's folder.",
  },
  FILE_READ_FAILED: {
    meaning: "The disk, or the server behind it, failed to read. It is tried again.",
    remedy: "Look at the disk or the mount of the path in the message.",
  },
  GZIP_DAMAGED: {
    meaning:
      "A rotated log that was packed with gzip cannot be unpacked: it is not read, and named `packed_damaged`.",
    remedy: "Look at the disk, and at what packs the file: `gzip -t` says whether it is whole.",
  },
  KAFKA_CERTIFICATE: {
    meaning: "The broker's certificate is not accepted, or it does not accept ours.",
    remedy: "Check `TLS.CAFile`, the names in the certificate, and its dates.",
  },
  KAFKA_CLOSED: {
    meaning: "The client was closed while a request waited; part of a normal stop.",
    remedy: "None is needed: unacknowledged lines are sent at the next start.",
  },
  KAFKA_CONNECTION: {
    meaning: "No connection to a broker, or it broke. It is tried again for ever.",
    remedy: "Check address and port, network policies, and whether the listener wants TLS or a login.",
  },
  KAFKA_FOREIGN_ADDRESS: {
    meaning: "A connection to an address that is neither configured nor told by the cluster was refused.",
    remedy: "None is needed; please report it.",
  },
  KAFKA_LOGIN_REFUSED: {
    meaning: "The broker refuses user, password or mechanism.",
    remedy: "Check `Authentication.SASL`; the mechanism must be enabled on the listener.",
  },
  KAFKA_NO_BROKER: {
    meaning: "None of the brokers answers.",
    remedy: "Check `Brokers`; lines wait on disk until one of them answers.",
  },
  KAFKA_NO_TRANSACTIONS: {
    meaning: "The broker knows no transactions, and the pipeline asks for `Delivery: exactly_once`.",
    remedy: "Take a cluster with transactions (Kafka 0.11 or newer), or leave `Delivery` out.",
  },
  KAFKA_RESUME_TOPIC: {
    meaning:
      "The topic of `Delivery: exactly_once` cannot be read back. It is tried again, and the pipeline waits.",
    remedy:
      "Let `ResumeTopic` name a compacted topic that agents alone write to, without `compression.type`.",
  },
  KAFKA_TLS_FILE: {
    meaning: "A file of `Authentication.TLS` cannot be read, or is not PEM.",
    remedy: "Mount the file where the pipeline names it, in PEM form.",
  },
  KAFKA_UNKNOWN_NODE: {
    meaning: "A broker left the cluster or moved. Its partitions are looked for again.",
    remedy: "None is needed.",
  },
  PERMISSION_MISSING: {
    meaning:
      "The program was not permitted something that these options or pipelines need; the message names it, and what suffers.",
    remedy:
      "Take a place or a name that [permissions.md](permissions.md) lists, or grant it: with `--read`, `--write`, `--env` or `--net` of `deno task compile`, or with `--allow-…` under `deno run`.",
  },
  RUNTIME_AWAY: {
    meaning:
      "A container runtime does not answer. Known files are read on; the list is asked for every second.",
    remedy: "Look at the runtime if it stays so.",
  },
  RUNTIME_DENIED: {
    meaning: "The runtime's socket may not be used.",
    remedy:
      "Run as root, or as a member of the socket's group (`docker`). The program itself may use the sockets that [permissions.md](permissions.md) lists.",
  },
  RUNTIME_FAILED: {
    meaning: "A container runtime answered with an error, or with something that is not its protocol.",
    remedy: "Look at the runtime's own log.",
  },
  RUNTIME_TIMEOUT: {
    meaning: "A container runtime took too long to answer. The connection is thrown away and tried again.",
    remedy: "Look at the runtime if it stays so: it hangs or is overloaded.",
  },
  RUNTIME_UNSUPPORTED: {
    meaning:
      "Nobody behind the socket speaks CRI `runtime.v1` (a containerd without its CRI plugin, as Docker has).",
    remedy: "None is needed where Docker runs; else enable the CRI plugin.",
  },
  STATIC_CONTAINER_INFO: {
    meaning: "The file with static container info is missing or invalid.",
    remedy: "Mend the file that `--static-containers` names; it is read again every second.",
  },
  STDOUT_CLOSED: {
    meaning: "Nobody reads standard output any more. `start` ends; under `run` the other flushers go on.",
    remedy: "Start again; nothing unacknowledged is lost.",
  },
  WORKER_FAILED: {
    meaning:
      "A thread of `--workers` ended with an error; the agent ends with it. What was acknowledged is saved.",
    remedy: "Start again; the log names what failed. Without `--workers` one thread does everything.",
  },
};

/** What to do about an error, as plain text; empty for a code that is not in the table. */
export function plainRemedy(code: string): string {
  return (ERROR_CODES[code]?.remedy ?? "").replace(/\[([^\]]+)\]\([^)]+\)/g, "$1");
}
