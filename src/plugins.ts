import type { Plugin } from "./core/plugin.ts";
import { flusherKafka } from "./flushers/flusher_kafka.ts";
import { flusherKafkaV2 } from "./flushers/flusher_kafka_v2.ts";
import { flusherStdout } from "./flushers/flusher_stdout.ts";
import { fileLog } from "./inputs/file_log.ts";
import { inputContainerStdio } from "./inputs/input_container_stdio.ts";
import { inputFile } from "./inputs/input_file.ts";
import { serviceDockerStdout } from "./inputs/service_docker_stdout.ts";
import { processorJson } from "./processors/processor_json.ts";
import { processorRegex } from "./processors/processor_regex.ts";

/** THE list of plugins: one import and one line each. */
export const PLUGINS: readonly Plugin[] = [
  serviceDockerStdout,
  inputContainerStdio,
  fileLog,
  inputFile,
  processorRegex,
  processorJson,
  flusherKafkaV2,
  flusherKafka,
  flusherStdout,
];
