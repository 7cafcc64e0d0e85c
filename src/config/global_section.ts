import type { PipelineGlobals } from "../core/plugin.ts";
import { choice, flag, integer, mapOf, optional, options, text } from "../core/schema.ts";

const BY_BYTES = "batches are sized by bytes and room, not by counts and periods";
const QUEUES = "there are no queues between input and flusher; a full flusher stops the reading";
const RELOAD = "stopping and reloading keep unacknowledged records by themselves";

/** Options of the `global` section. Those with `noEffect` are iLogtail's and LoongCollector's. */
export const GLOBAL_SCHEMA = options({
  TimeSource: choice(
    "Where a record's time comes from: the clock at collection, or the container runtime's timestamp",
    [
      "clock",
      "record",
    ],
    { default: "clock" },
  ),
  Tags: mapOf("Constant tags of every record of this pipeline, in the order written", text("Value"), {
    default: {},
    examples: [{ cluster: "east" }],
  }),
  InputIntervalMs: optional(
    integer("Period of metric inputs", { noEffect: "no input here works by periods" }),
  ),
  AggregatIntervalMs: optional(integer("Period of aggregators", { noEffect: BY_BYTES })),
  FlushIntervalMs: optional(integer("Period of flushers", { noEffect: BY_BYTES })),
  DefaultLogQueueSize: optional(integer("Records between input and processors", { noEffect: QUEUES })),
  DefaultLogGroupQueueSize: optional(integer("Batches between aggregator and flusher", { noEffect: QUEUES })),
  AlwaysOnline: optional(flag("Keep an unchanged pipeline running at reload", { noEffect: RELOAD })),
  DelayStopSec: optional(integer("Grace for AlwaysOnline", { noEffect: RELOAD })),
  EnableTimestampNanosecond: optional(
    flag("Keep the nanoseconds of a record's time", {
      noEffect: "'_time_' carries the runtime's text with all digits",
    }),
  ),
  StructureType: optional(text("Data model of the Go runtime", { noEffect: "there is one data model" })),
  InputMaxFirstCollectDelayMs: optional(
    integer("Delay of the first collection", { noEffect: "no input here works by periods" }),
  ),
  UsingOldContentTag: optional(
    flag("Tags as contents", { noEffect: "the form of tags follows the flusher's protocol" }),
  ),
  PipelineMetaTagKey: optional(
    mapOf("Names of host tags", text("Name"), {
      noEffect: "host tags are off unless a flag of the agent asks for them",
    }),
  ),
  AgentEnvMetaTagKey: optional(
    mapOf("Names of environment tags", text("Name"), {
      noEffect: "ALIYUN_LOG_ENV_TAGS names them for the whole agent",
    }),
  ),
  TopicType: optional(text("Kind of topic", { noEffect: "'TopicFormat' of the input decides the topic" })),
  TopicFormat: optional(text("Topic", { noEffect: "'TopicFormat' of the input decides the topic" })),
  ExcutionTimeout: optional(integer("Limit of a one-shot job", { noEffect: "there are no one-shot jobs" })),
  ForceRerunWhenUpdate: optional(
    flag("Run a one-shot job again", { noEffect: "there are no one-shot jobs" }),
  ),
});

/** Checked values of the section -> what inputs get. */
export function pipelineGlobals(values: Readonly<Record<string, unknown>>): PipelineGlobals {
  const tags = (values.Tags ?? {}) as Readonly<Record<string, string>>;
  return {
    timeSource: values.TimeSource === "record" ? "record" : "clock",
    tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
  };
}
