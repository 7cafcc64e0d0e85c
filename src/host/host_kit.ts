import { EVENT_WRITERS } from "../core/event_writer.ts";
import type { Log } from "../core/telemetry.ts";
import { DiskCheckpointFolder } from "./checkpoint_folder.ts";
import { systemClock } from "./clock.ts";
import { HostCodecs } from "./codecs.ts";
import { eventWriters } from "./event_writer.ts";
import { HostFiles } from "./files.ts";
import { granted } from "./granted.ts";
import { listenHttp } from "./http_listener.ts";
import { HostKafka } from "./kafka_port.ts";
import type { GivenBack } from "../core/grants.ts";
import { writeStderr } from "./log_writer.ts";
import { networkAddresses } from "./network_addresses.ts";
import type { HostProcess } from "./process.ts";
import { runtimeConnector } from "./runtime_connector.ts";
import { startThread } from "./worker_threads.ts";

/** The real machine, as the command line hands it to an agent. */
export function hostKit(process: HostProcess) {
  return {
    clock: systemClock,
    random: Math.random,
    env: (name: string) => process.env(name),
    granted,
    giveBack: (kinds: readonly GivenBack[]) => process.giveBack(kinds),
    pid: process.pid,
    parentPid: process.parentPid,
    hostName: () => process.hostName(),
    process,
    files: (hostRoot: string) => new HostFiles(hostRoot, systemClock),
    runtimes: runtimeConnector,
    addresses: networkAddresses,
    checkpointFolder: (path: string) => new DiskCheckpointFolder(path),
    writeLog: writeStderr,
    listen: listenHttp,
    startWorker: <Out, In>() => startThread<Out, In>(new URL("../../worker.ts", import.meta.url)),
    flushers: (log: Log, stdoutClosed: () => void): Readonly<Record<string, unknown>> => ({
      kafka: new HostKafka(log),
      codecs: new HostCodecs(),
      [EVENT_WRITERS]: eventWriters(stdoutClosed),
    }),
    onRejection: (handle: (reason: unknown) => void) => {
      process.onRejection = handle;
    },
  };
}
