import { parseRe2 } from "../base/re2/parse.ts";
import { Re2SyntaxError } from "../base/re2/syntax_error.ts";
import type { PipelineGlobals, Report } from "../core/plugin.ts";
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
  TopicType: choice(
    "What the topic (`__log_topic__`) of records is made of: the path of their file, or a text. `TopicFormat` of a file input goes first",
    ["none", "default", "filepath", "custom", "machine_group_topic"],
    { default: "none" },
  ),
  TopicFormat: optional(
    text(
      "With `filepath` a pattern over the whole path whose groups, joined by `_`, are the topic; with `custom` and `machine_group_topic` the topic itself, with or without `customized://` in front",
      { examples: ["/var/log/(.*)\\.log"] },
    ),
  ),
  ExcutionTimeout: optional(integer("Limit of a one-shot job", { noEffect: "there are no one-shot jobs" })),
  ForceRerunWhenUpdate: optional(
    flag("Run a one-shot job again", { noEffect: "there are no one-shot jobs" }),
  ),
});

/** Says what of the section has the right shape and still cannot work. */
export function checkGlobals(values: Readonly<Record<string, unknown>>, report: Report): void {
  const { TopicType: type, TopicFormat: format } = values as { TopicType: string; TopicFormat?: string };
  if (type === "none" || type === "default") {
    if (format) report.warn(["TopicFormat"], "TOPIC_NO_TYPE", "'TopicFormat' counts only with a 'TopicType'");
    return;
  }
  if (!format && type === "machine_group_topic") {
    report.warn(
      ["TopicType"],
      "TOPIC_GLOBAL",
      "A vendor's machine groups give no topic here without 'TopicFormat'",
    );
    return;
  }
  if (!format) {
    report.error(
      ["TopicFormat"],
      "TOPIC_NO_FORMAT",
      `'TopicType: ${type}' has no 'TopicFormat'`,
      "the topic, or a pattern over the path",
    );
    return;
  }
  if (type !== "filepath") return;
  const mistake = regexMistake(format);
  if (mistake !== null) {
    report.error(["TopicFormat"], "CONFIG_REGEX", `The regular expression is not valid: ${mistake}`);
  }
}

function regexMistake(pattern: string): string | null {
  try {
    parseRe2(pattern);
    return null;
  } catch (error) {
    if (error instanceof Re2SyntaxError) return error.message;
    throw error;
  }
}

/** As `TopicFormat` of a file input says it. */
function topicFormat(type: unknown, format: string | undefined): string {
  if (!format) return "none";
  if (type === "filepath") return regexMistake(format) === null ? format : "none";
  if (type !== "custom" && type !== "machine_group_topic") return "none";
  return `customized://${format.replace(/^customized:\/\//, "")}`;
}

/** Checked values of the section -> what inputs get. */
export function pipelineGlobals(values: Readonly<Record<string, unknown>>): PipelineGlobals {
  const tags = (values.Tags ?? {}) as Readonly<Record<string, string>>;
  return {
    timeSource: values.TimeSource === "record" ? "record" : "clock",
    tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
    topicFormat: topicFormat(values.TopicType, values.TopicFormat as string | undefined),
  };
}
