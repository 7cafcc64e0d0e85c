import type { Framing } from "../core/framing.ts";
import { definePlugin, type InputContext, type Report } from "../core/plugin.ts";
import { choice, flag, integer, optional, options, regex, type Static } from "../core/schema.ts";
import { ContainerFilter, nameRegex, rules } from "./container_filter.ts";
import { externalEnvTag, externalK8sLabelTag } from "./container_tags.ts";
import { StdioFollower } from "./stdio_follower.ts";
import { maxReadBytesPerSecond } from "./read_rate_option.ts";
import { compileTopic } from "./topic_format.ts";
import { compilePattern } from "./value_rule.ts";

/** Bytes read before the end of a file that was there when the agent first started (iLogtail's default). */
const START_OFFSET_DEFAULT = 128 * 1024;

const schema = options({
  Stdout: flag("Takes the stream stdout.", { default: true }),
  Stderr: flag("Takes the stream stderr. With both off, stdout is taken, as iLogtail does.", {
    default: true,
  }),
  IncludeLabel: rules("Container labels, older name of `IncludeContainerLabel`"),
  ExcludeLabel: rules("Container labels that reject, older name of `ExcludeContainerLabel`"),
  IncludeContainerLabel: rules("Container labels"),
  ExcludeContainerLabel: rules("Container labels that reject"),
  IncludeK8sLabel: rules("Pod labels"),
  ExcludeK8sLabel: rules("Pod labels that reject"),
  IncludeEnv: rules("Environment variables of the container"),
  ExcludeEnv: rules("Environment variables of the container that reject"),
  K8sNamespaceRegex: nameRegex("namespace"),
  K8sPodRegex: nameRegex("pod's name"),
  K8sContainerRegex: nameRegex("container's name"),
  ExternalEnvTag: externalEnvTag,
  ExternalK8sLabelTag: externalK8sLabelTag,
  BeginLineRegex: regex(
    "Searched in each line: a line that matches begins a record. Empty: each line is a record.",
    {
      default: "",
      examples: ["^\\d{4}-\\d{2}-\\d{2}"],
    },
  ),
  BeginLineTimeoutMs: integer("Milliseconds of silence after which an open multi-line record ends.", {
    default: 3000,
    minimum: 1,
  }),
  BeginLineCheckLength: integer("Bytes at a line's begin in which `BeginLineRegex` is searched.", {
    default: 10240,
    minimum: 1,
  }),
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
  StartLogMaxOffset: optional(
    integer(
      "Bytes before the end that are read of a file that was there before the agent's first start (default 131072), and, if written, before this pipeline's. Younger files are read whole.",
      { minimum: 0 },
    ),
  ),
  MaxReadBytesPerSecond: maxReadBytesPerSecond,
  FlushIntervalMs: optional(integer("Period in which iLogtail looks at the container list.", {
    noEffect: "changes of the container list are followed at once",
  })),
  ReadIntervalMs: optional(integer("Period in which iLogtail polls files.", {
    noEffect: "files are polled every 100 ms, idle ones more seldom",
  })),
  SaveCheckPointSec: optional(integer("Period in which iLogtail saves offsets.", {
    noEffect: "acknowledged offsets are saved within 100 ms",
  })),
  CloseUnChangedSec: optional(integer("Idle time after which iLogtail closes a file.", {
    noEffect: "a followed file stays open, so that no rotation is missed",
  })),
  LogtailInDocker: optional(flag("Whether host paths get the host root in front.", {
    noEffect: "host paths always begin at the host root (--host-root)",
  })),
  CollectContainersFlag: optional(flag("Reports matched containers to the vendor.", {
    noEffect: "nothing is reported to anybody",
  })),
});

async function create(
  given: Static<typeof schema>,
  context: InputContext,
  report: Report,
): Promise<StdioFollower> {
  const both = (older: Record<string, string>, newer: Record<string, string>) => ({ ...older, ...newer });
  const filter = await ContainerFilter.compile({
    includeLabels: both(given.IncludeLabel, given.IncludeContainerLabel),
    excludeLabels: both(given.ExcludeLabel, given.ExcludeContainerLabel),
    includeK8sLabels: given.IncludeK8sLabel,
    excludeK8sLabels: given.ExcludeK8sLabel,
    includeEnv: given.IncludeEnv,
    excludeEnv: given.ExcludeEnv,
    namespaceRegex: given.K8sNamespaceRegex,
    podRegex: given.K8sPodRegex,
    containerRegex: given.K8sContainerRegex,
  }, {
    includeLabels: [
      Object.keys(given.IncludeContainerLabel).length > 0 ? "IncludeContainerLabel" : "IncludeLabel",
    ],
    excludeLabels: [
      Object.keys(given.ExcludeContainerLabel).length > 0 ? "ExcludeContainerLabel" : "ExcludeLabel",
    ],
    includeK8sLabels: ["IncludeK8sLabel"],
    excludeK8sLabels: ["ExcludeK8sLabel"],
    includeEnv: ["IncludeEnv"],
    excludeEnv: ["ExcludeEnv"],
    namespaceRegex: ["K8sNamespaceRegex"],
    podRegex: ["K8sPodRegex"],
    containerRegex: ["K8sContainerRegex"],
  }, report);
  const begin = given.BeginLineRegex === ""
    ? null
    : await compilePattern(given.BeginLineRegex, ["BeginLineRegex"], report);
  if (!given.Stdout && !given.Stderr) {
    report.warn(
      ["Stdout"],
      "STDIO_NO_STREAM",
      "Stdout and Stderr are both off: stdout is taken, as iLogtail does",
    );
  }
  const framing: Framing = {
    format: "runtime",
    stdout: given.Stdout || !given.Stderr,
    stderr: given.Stderr,
    encoding: "utf8",
    multiline: begin === null ? null : { mode: "begin_line", begin, checkBytes: given.BeginLineCheckLength },
    recordBytesMax: given.MaxLogSize,
    oversize: given.OversizeRecord,
    flushTimeoutMs: 60_000,
    multilineTimeoutMs: given.BeginLineTimeoutMs,
    timeSource: context.globals.timeSource,
    offsetKey: null,
    keepEmptyLines: true,
  };
  return new StdioFollower({
    filter,
    framing,
    firstContact: {
      tailBytesMax: given.StartLogMaxOffset ?? START_OFFSET_DEFAULT,
      written: given.StartLogMaxOffset !== undefined,
    },
    readBytesPerSecond: given.MaxReadBytesPerSecond,
    external: { env: given.ExternalEnvTag, k8sLabels: given.ExternalK8sLabelTag },
    names: new Map(),
    pathField: null,
    inodeField: null,
    topicOf: await compileTopic("none", context, report),
  }, context);
}

/** Stdout and stderr of containers, with the option names of iLogtail 1.x. */
export const serviceDockerStdout = definePlugin({
  kind: "input",
  type: "service_docker_stdout",
  summary: "Collects stdout and stderr of containers under Docker and any CRI runtime.",
  description:
    "A container is taken when its labels, its environment and its Kubernetes names all pass. Lines that the runtime cut in pieces are joined per stream.",
  schema,
  examples: [
    { title: "Stdout of pods by label", config: "Stderr: false\nIncludeK8sLabel:\n  app: nginx" },
    {
      title: "Stderr by names, a Java stack trace as one record",
      config:
        'Stdout: false\nK8sNamespaceRegex: "^(default)$"\nK8sContainerRegex: "api"\nBeginLineRegex: \'^\\d{4}-\\d{2}-\\d{2}\'',
    },
  ],
  needs: () => ["container_output"],
  create,
});
