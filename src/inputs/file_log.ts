import type { Framing } from "../core/framing.ts";
import { definePlugin, type InputContext, type Report } from "../core/plugin.ts";
import {
  choice,
  flag,
  integer,
  list,
  optional,
  options,
  section,
  type Static,
  text,
} from "../core/schema.ts";
import { ContainerFilter, nameRegex, rules } from "./container_filter.ts";
import { externalEnvTag, externalK8sLabelTag } from "./container_tags.ts";
import { FileFollower } from "./file_follower.ts";
import { checkPath, checkStars, cleanPath, placeOf } from "./file_paths.ts";
import { compileMultiline, multilineSection } from "./multiline_options.ts";
import { compileExcludes } from "./path_select.ts";
import { maxReadBytesPerSecond } from "./read_rate_option.ts";
import { compileTopic } from "./topic_format.ts";

/** Options that both file inputs have under one name. */
export const commonFileOptions = {
  FileEncoding: choice("Encoding of the files; records are UTF-8.", ["utf8", "gbk", "utf16"], {
    default: "utf8",
  }),
  TailSizeKB: optional(
    integer(
      "KiB before the end that are read of a file that was there before the agent's first start (default 1024), and, if written, before this pipeline's. Younger files are read whole.",
      { minimum: 0, maximum: 104857600 },
    ),
  ),
  FlushTimeoutSecs: integer(
    "Seconds of silence after which an unterminated last line, or an open record, ends.",
    {
      default: 60,
      minimum: 1,
      otherNames: ["ReaderFlushTimeout"],
    },
  ),
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
  Multiline: multilineSection,
  SkipBinaryFiles: flag(
    "Leaves out files whose first 4096 bytes hold a NUL byte (unless `FileEncoding` is utf16), and compressed ones (gzip, zstd, xz, lz4, bzip2, zip); each is named once.",
    { default: false },
  ),
  TailingAllMatchedFiles: optional(flag("Follows files that were not written lately, too.", {
    otherNames: ["tail_existed"],
    noEffect: "every matching file is followed, however old",
  })),
  AllowingCollectingFilesInRootDir: optional(flag("Allows `/` as the folder.", {
    otherNames: ["enable_root_path_collection"],
    noEffect: "`/` is a folder like any other",
  })),
  IgnoringUnmatchWarning: optional(flag("Accepted for compatibility.", {
    noEffect: "lines that belong to no record are counted, not logged",
  })),
  TopicFormat: text(
    "`none`, `customized://text`, or a pattern over the whole path whose groups, joined by `_`, become the topic (`__log_topic__`).",
    {
      default: "none",
      examples: ["/var/log/(.*)\\.log"],
    },
  ),
};

const neverSkips = "nothing is skipped: the backlog is a metric, denotail_backlog_bytes";
const stayOpen = "a followed file stays open, so that no rotation is missed";

const schema = options({
  LogPath: text("Folder of the files; may hold `*`, `?`, `[…]`, and `**` as its last element.", {
    minLength: 1,
    examples: ["/var/log/app"],
  }),
  FilePattern: text("Pattern of the file name.", { minLength: 1, examples: ["*.log"] }),
  MaxDepth: optional(
    integer("Levels of folders below `LogPath` that are searched. Not written: 0, and 100 behind `**`.", {
      minimum: 0,
      maximum: 1000,
      otherNames: ["MaxDirSearchDepth"],
    }),
  ),
  DockerFile: flag("The path is inside containers.", {
    default: false,
    otherNames: ["ContainerFile", "EnableContainerDiscovery"],
  }),
  ContainerInfo: optional(
    section("Which containers are taken, for paths inside containers; switches `DockerFile` on.", {
      K8sNamespaceRegex: nameRegex("namespace"),
      K8sPodRegex: nameRegex("pod's name"),
      K8sContainerRegex: nameRegex("container's name"),
      IncludeK8sLabel: rules("Pod labels"),
      ExcludeK8sLabel: rules("Pod labels that reject"),
      IncludeContainerLabel: rules("Container labels"),
      ExcludeContainerLabel: rules("Container labels that reject"),
      IncludeLabel: rules("Container labels, as iLogtail's documentation names them"),
      ExcludeLabel: rules("Container labels that reject, as iLogtail's documentation names them"),
      IncludeEnv: rules("Environment variables of the container"),
      ExcludeEnv: rules("Environment variables of the container that reject"),
      ExternalK8sLabelTag: externalK8sLabelTag,
      ExternalEnvTag: externalEnvTag,
    }, { otherNames: ["ContainerFilters"] }),
  ),
  DockerIncludeLabel: rules("Container labels"),
  DockerExcludeLabel: rules("Container labels that reject"),
  DockerIncludeEnv: rules("Environment variables of the container"),
  DockerExcludeEnv: rules("Environment variables of the container that reject"),
  IncludeContainerLabel: rules("Container labels"),
  ExcludeContainerLabel: rules("Container labels that reject"),
  IncludeEnv: rules("Environment variables of the container"),
  ExcludeEnv: rules("Environment variables of the container that reject"),
  ExternalEnvTag: externalEnvTag,
  ExternalK8sLabelTag: externalK8sLabelTag,
  ...commonFileOptions,
  EnableLogPositionMeta: flag("Adds `__tag__:__inode__` and `__tag__:__file_offset__`.", {
    default: false,
    otherNames: ["AppendingLogPositionMeta"],
  }),
  DirBlackList: list(
    "Folders left out, with everything below; absolute, may hold `*` and `**`.",
    text("Folder."),
    {
      default: [],
      otherNames: ["ExcludeDirs"],
    },
  ),
  FilepathBlackList: list("Files left out; absolute, may hold wildcards.", text("File."), {
    default: [],
    otherNames: ["ExcludeFilePaths"],
  }),
  Preserve: optional(flag("Whether idle folders stay watched.", { noEffect: "folders are always watched" })),
  PreserveDepth: optional(integer("Depth for `Preserve`.", {
    otherNames: ["PreservedDirDepth"],
    noEffect: "folders are always watched",
  })),
  ForceMultiConfig: optional(flag("Accepted for compatibility.", {
    otherNames: ["AllowingIncludedByMultiConfigs"],
    noEffect: "every pipeline gets every file that it names",
  })),
  DelayAlarmBytes: optional(integer("Backlog that raises an alarm.", {
    otherNames: ["ReadDelayAlertThresholdBytes"],
    noEffect: neverSkips,
  })),
  DelaySkipBytes: optional(integer("Backlog at which iLogtail jumps to the end.", {
    otherNames: ["ReadDelaySkipThresholdBytes"],
    noEffect: neverSkips,
  })),
  RotatorQueueSize: optional(integer("Rotated generations kept.", {
    otherNames: ["max_rotate_queue_size"],
    noEffect: "rotated files are kept until they are read, within a limit of bytes",
  })),
  CloseUnusedReaderIntervalSec: optional(integer("Idle time after which iLogtail closes a file.", {
    otherNames: ["close_unused_reader_interval"],
    noEffect: stayOpen,
  })),
  MaxCheckpointDirSearchDepth: optional(integer("Where iLogtail looks for a moved file.", {
    otherNames: ["search_checkpoint_dir_depth"],
    noEffect: "a moved file is known by its content",
  })),
  ExactlyOnceConcurrency: optional(integer("Exactly-once for the vendor's service.", {
    otherNames: ["EnableExactlyOnce"],
    noEffect: "it belongs to a vendor's service; Kafka gets every record at least once",
  })),
});

type Options = Static<typeof schema>;

async function create(given: Options, context: InputContext, report: Report): Promise<FileFollower> {
  const folder = cleanPath(given.LogPath);
  checkPath(given.LogPath, ["LogPath"], report);
  checkStars(folder, ["LogPath"], report);
  if (given.FilePattern.includes("/")) {
    report.error(
      ["FilePattern"],
      "FILE_PATTERN_SLASH",
      "The file pattern holds a '/'",
      "a file name; folders belong into LogPath",
    );
  }
  const inContainers = given.DockerFile || given.ContainerInfo !== undefined;
  const info = given.ContainerInfo;
  return new FileFollower({
    places: [placeOf(folder, given.FilePattern, given.MaxDepth)],
    excluded: compileExcludes(
      { folders: given.DirBlackList, files: given.FilepathBlackList, names: [] },
      { folders: "DirBlackList", files: "FilepathBlackList", names: "" },
      report,
    ),
    filter: inContainers ? await compileFilter(given, report) : saidInVain(given, report),
    framing: await fileFraming(given, given.EnableLogPositionMeta ? OFFSET_KEY : null, context, report),
    firstContact: {
      tailBytesMax: (given.TailSizeKB ?? 1024) * 1024,
      written: given.TailSizeKB !== undefined,
    },
    readBytesPerSecond: given.MaxReadBytesPerSecond,
    skipBinary: given.SkipBinaryFiles,
    external: {
      env: { ...given.ExternalEnvTag, ...info?.ExternalEnvTag },
      k8sLabels: { ...given.ExternalK8sLabelTag, ...info?.ExternalK8sLabelTag },
    },
    names: new Map(),
    inodeTag: given.EnableLogPositionMeta ? INODE_TAG : null,
    topicOf: await compileTopic(given.TopicFormat, context, report),
  }, context);
}

/** Names of the position fields (iLogtail 4.1). */
export const OFFSET_KEY = "__tag__:__file_offset__";
export const INODE_TAG = "__inode__";

/** All maps that mean the same are one: the seed's `Docker…` names, those of 1.x, and `ContainerInfo`. */
function compileFilter(given: Options, report: Report): Promise<ContainerFilter> {
  const info = given.ContainerInfo;
  const labels = (sign: "Include" | "Exclude"): FilterMap => [
    [[`Docker${sign}Label`], given[`Docker${sign}Label`]],
    [[`${sign}ContainerLabel`], given[`${sign}ContainerLabel`]],
    [["ContainerInfo", `${sign}Label`], info?.[`${sign}Label`]],
    [["ContainerInfo", `${sign}ContainerLabel`], info?.[`${sign}ContainerLabel`]],
  ];
  const env = (sign: "Include" | "Exclude"): FilterMap => [
    [[`Docker${sign}Env`], given[`Docker${sign}Env`]],
    [[`${sign}Env`], given[`${sign}Env`]],
    [["ContainerInfo", `${sign}Env`], info?.[`${sign}Env`]],
  ];
  const maps = {
    includeLabels: labels("Include"),
    excludeLabels: labels("Exclude"),
    includeEnv: env("Include"),
    excludeEnv: env("Exclude"),
  };
  return ContainerFilter.compile({
    includeLabels: merged(maps.includeLabels),
    excludeLabels: merged(maps.excludeLabels),
    includeK8sLabels: info?.IncludeK8sLabel ?? {},
    excludeK8sLabels: info?.ExcludeK8sLabel ?? {},
    includeEnv: merged(maps.includeEnv),
    excludeEnv: merged(maps.excludeEnv),
    namespaceRegex: info?.K8sNamespaceRegex ?? "",
    podRegex: info?.K8sPodRegex ?? "",
    containerRegex: info?.K8sContainerRegex ?? "",
  }, {
    includeLabels: lastGiven(maps.includeLabels),
    excludeLabels: lastGiven(maps.excludeLabels),
    includeK8sLabels: ["ContainerInfo", "IncludeK8sLabel"],
    excludeK8sLabels: ["ContainerInfo", "ExcludeK8sLabel"],
    includeEnv: lastGiven(maps.includeEnv),
    excludeEnv: lastGiven(maps.excludeEnv),
    namespaceRegex: ["ContainerInfo", "K8sNamespaceRegex"],
    podRegex: ["ContainerInfo", "K8sPodRegex"],
    containerRegex: ["ContainerInfo", "K8sContainerRegex"],
  }, report);
}

/** Maps that mean the same, with where they stand; a later one wins. */
type FilterMap = readonly (readonly [
  path: readonly string[],
  rules: Readonly<Record<string, string>> | undefined,
])[];

function merged(maps: FilterMap): Record<string, string> {
  return Object.assign({}, ...maps.map(([, rules]) => rules ?? {}));
}

/** Where a mistake is to be looked for: the map that is written, the last of several. */
function lastGiven(maps: FilterMap): readonly string[] {
  return (maps.findLast(([, rules]) => Object.keys(rules ?? {}).length > 0) ?? maps[0])[0];
}

/** Container rules without `DockerFile: true` would be ignored in silence. */
function saidInVain(given: Options, report: Report): null {
  const maps = [
    "DockerIncludeLabel",
    "DockerExcludeLabel",
    "DockerIncludeEnv",
    "DockerExcludeEnv",
    "IncludeContainerLabel",
    "ExcludeContainerLabel",
    "IncludeEnv",
    "ExcludeEnv",
    "ExternalEnvTag",
    "ExternalK8sLabelTag",
  ] as const;
  for (const name of maps) {
    if (Object.keys(given[name]).length > 0) {
      report.error(
        [name],
        "FILE_NOT_IN_CONTAINER",
        `'${name}' is about containers, but the path is on the host`,
        "DockerFile: true beside it",
      );
    }
  }
  return null;
}

/** Options of framing that both file inputs have. */
export async function fileFraming(
  given: Pick<Options, "FileEncoding" | "Multiline" | "MaxLogSize" | "OversizeRecord" | "FlushTimeoutSecs">,
  offsetKey: string | null,
  context: InputContext,
  report: Report,
): Promise<Framing> {
  return {
    format: "lines",
    stdout: true,
    stderr: true,
    encoding: given.FileEncoding,
    multiline: await compileMultiline(given.Multiline, report),
    recordBytesMax: given.MaxLogSize,
    oversize: given.OversizeRecord,
    flushTimeoutMs: given.FlushTimeoutSecs * 1000,
    multilineTimeoutMs: given.FlushTimeoutSecs * 1000,
    timeSource: context.globals.timeSource,
    offsetKey,
    keepEmptyLines: false,
  };
}

/** Log files, with the option names of iLogtail 1.x. */
export const fileLog = definePlugin({
  kind: "input",
  type: "file_log",
  summary: "Collects log files of the host and, with `DockerFile: true`, files inside containers.",
  description:
    "Files inside containers are found through their mounts, the overlay's layers or the merged root. Links are followed inside the container only. Rotation by rename and by copytruncate is followed.",
  schema,
  examples: [
    { title: "Files of the host", config: 'LogPath: /var/log/app\nFilePattern: "*.log"' },
    {
      title: "A file inside containers",
      config:
        'LogPath: /root/log\nFilePattern: "json.log"\nDockerFile: true\nDockerIncludeLabel:\n  io.kubernetes.container.name: json-log',
    },
  ],
  needs: ({ DockerFile, ContainerInfo }) => [
    DockerFile || ContainerInfo !== undefined ? "container_files" : "host_files",
  ],
  create,
});
