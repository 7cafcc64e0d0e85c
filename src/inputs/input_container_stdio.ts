import type { Framing } from "../core/framing.ts";
import { definePlugin, type InputContext, type Report } from "../core/plugin.ts";
import { choice, flag, integer, optional, options, type Static } from "../core/schema.ts";
import { compileContainerFilters, containerFilters } from "./container_filters_section.ts";
import { externalEnvTag, externalK8sLabelTag } from "./container_tags.ts";
import { compileMultiline, streamMultilineSection } from "./multiline_options.ts";
import { StdioFollower } from "./stdio_follower.ts";
import { askedName, tagNames, tagsSection } from "./tag_names.ts";
import { maxReadBytesPerSecond } from "./read_rate_option.ts";
import { compileTopic } from "./topic_format.ts";

const schema = options({
  IgnoringStdout: flag("Leaves the stream stdout out.", { default: false }),
  IgnoringStderr: flag("Leaves the stream stderr out.", { default: false }),
  IgnoreParseWarning: optional(flag("Accepted for compatibility.", {
    noEffect: "lines that are no runtime's lines are counted, not logged",
  })),
  KeepingSourceWhenParseFail: optional(flag("Accepted for compatibility.", {
    noEffect: "a line that cannot be parsed is always sent as it is",
  })),
  TailSizeKB: optional(
    integer(
      "KiB before the end that are read of a file that was there before the agent's first start (default 1024), and, if written, before this pipeline's. Younger files are read whole.",
      { minimum: 0, maximum: 104857600 },
    ),
  ),
  Multiline: streamMultilineSection,
  ContainerFilters: containerFilters,
  ExternalK8sLabelTag: externalK8sLabelTag,
  ExternalEnvTag: externalEnvTag,
  FlushTimeoutSecs: integer("Seconds of silence after which an unfinished record ends.", {
    default: 60,
    minimum: 1,
  }),
  AllowingIncludedByMultiConfigs: optional(flag("Accepted for compatibility.", {
    noEffect: "every pipeline gets every container that its filters take",
  })),
  MaxLogSize: integer("Bytes of the longest record; a longer one follows `OversizeRecord`.", {
    default: 524288,
    minimum: 1024,
    maximum: 20971520,
  }),
  OversizeRecord: choice("A record above `MaxLogSize` is sent in numbered pieces, or cut.", [
    "split",
    "truncate",
  ], {
    default: "split",
  }),
  MaxReadBytesPerSecond: maxReadBytesPerSecond,
  Tags: tagsSection,
});

async function create(
  given: Static<typeof schema>,
  context: InputContext,
  report: Report,
): Promise<StdioFollower> {
  const filter = await compileContainerFilters(given.ContainerFilters, "ContainerFilters", report);
  if (given.IgnoringStdout && given.IgnoringStderr) {
    report.error(
      ["IgnoringStderr"],
      "STDIO_NO_STREAM",
      "Both streams are ignored, so nothing would be collected",
    );
  }
  const framing: Framing = {
    format: "runtime",
    stdout: !given.IgnoringStdout,
    stderr: !given.IgnoringStderr,
    encoding: "utf8",
    multiline: await compileMultiline(given.Multiline, report),
    recordBytesMax: given.MaxLogSize,
    oversize: given.OversizeRecord,
    flushTimeoutMs: given.FlushTimeoutSecs * 1000,
    multilineTimeoutMs: given.FlushTimeoutSecs * 1000,
    timeSource: context.globals.timeSource,
    offsetKey: null,
    keepEmptyLines: true,
  };
  return new StdioFollower({
    filter,
    framing,
    firstContact: {
      tailBytesMax: (given.TailSizeKB ?? 1024) * 1024,
      written: given.TailSizeKB !== undefined,
    },
    readBytesPerSecond: given.MaxReadBytesPerSecond,
    external: { env: given.ExternalEnvTag, k8sLabels: given.ExternalK8sLabelTag },
    names: tagNames(given.Tags),
    pathField: askedName(given.Tags.FilePathTagKey, false, "__path__"),
    inodeField: askedName(given.Tags.FileInodeTagKey, false, "__inode__"),
    topicOf: await compileTopic("none", context, report),
  }, context);
}

/** The same input with the option names of iLogtail 2.x; records have the 1.x form. */
export const inputContainerStdio = definePlugin({
  kind: "input",
  type: "input_container_stdio",
  aliasOf: "service_docker_stdout",
  summary: "Collects stdout and stderr of containers; iLogtail 2.x option names.",
  schema,
  examples: [{
    title: "Pods of one namespace, stack traces as one record",
    config:
      "ContainerFilters:\n  K8sNamespaceRegex: ^shop$\nMultiline:\n  StartPattern: '\\d{4}-\\d{2}-\\d{2} .*'",
  }],
  needs: () => ["container_output"],
  create,
});
