import { definePlugin, type InputContext, type Report } from "../core/plugin.ts";
import { flag, integer, list, optional, options, type Static, text } from "../core/schema.ts";
import { externalEnvTag, externalK8sLabelTag } from "./container_tags.ts";
import { FileFollower } from "./file_follower.ts";
import { compileContainerFilters, containerFilters } from "./container_filters_section.ts";
import { commonFileOptions, fileFraming, INODE_TAG, OFFSET_KEY } from "./file_log.ts";
import { checkPath, checkStars, placeOf, splitFilePath } from "./file_paths.ts";
import { compileExcludes } from "./path_select.ts";
import { askedName, tagNames, tagsSection } from "./tag_names.ts";
import { compileTopic } from "./topic_format.ts";

const neverSkips = "nothing is skipped: the backlog is a metric, denotail_backlog_bytes";

const schema = options({
  FilePaths: list(
    "Paths of the files; may hold `*`, `?`, `[…]`, and `**` as the last folder.",
    text("Path."),
    {
      minItems: 1,
      examples: [["/var/log/app/*.log"]],
    },
  ),
  MaxDirSearchDepth: optional(
    integer("Levels of folders searched for `**`. Not written: 100.", { minimum: 0, maximum: 1000 }),
  ),
  EnableContainerDiscovery: flag("The paths are inside containers.", { default: false }),
  ContainerFilters: optional(containerFilters),
  ExternalK8sLabelTag: externalK8sLabelTag,
  ExternalEnvTag: externalEnvTag,
  ...commonFileOptions,
  ExcludeDirs: list(
    "Folders left out, with everything below; absolute, may hold `*` and `**`.",
    text("Folder."),
    {
      default: [],
    },
  ),
  ExcludeFilePaths: list("Files left out; absolute, may hold wildcards.", text("File."), { default: [] }),
  ExcludeFiles: list("File names left out; may hold wildcards.", text("Name."), { default: [] }),
  AppendingLogPositionMeta: flag("Adds `__tag__:__inode__` and `__tag__:__file_offset__`.", {
    default: false,
    otherNames: ["EnableLogPositionMeta"],
  }),
  FileOffsetKey: optional(
    text(
      "Name of a field with the offset of the record's begin. Empty: none. `__default__`, or not written with `AppendingLogPositionMeta`: `__tag__:__file_offset__`.",
    ),
  ),
  Tags: tagsSection,
  AllowingIncludedByMultiConfigs: optional(flag("Accepted for compatibility.", {
    noEffect: "every pipeline gets every file that it names",
  })),
  PreservedDirDepth: optional(
    integer("Depth of watched folders.", { noEffect: "folders are always watched" }),
  ),
  ReadDelayAlertThresholdBytes: optional(integer("Backlog that raises an alarm.", { noEffect: neverSkips })),
  ReadDelaySkipThresholdBytes: optional(integer("Backlog at which the original jumps to the end.", {
    noEffect: neverSkips,
  })),
  RotatorQueueSize: optional(integer("Rotated generations kept.", {
    noEffect: "rotated files are kept until they are read, within a limit of bytes",
  })),
  CloseUnusedReaderIntervalSec: optional(integer("Idle time after which the original closes a file.", {
    noEffect: "a followed file stays open, so that no rotation is missed",
  })),
  MaxCheckpointDirSearchDepth: optional(integer("Where the original looks for a moved file.", {
    noEffect: "a moved file is known by its content",
  })),
  EnableExactlyOnce: optional(integer("Exactly-once for the vendor's service.", {
    noEffect: "it belongs to a vendor's service; Kafka gets every record at least once",
  })),
});

async function create(
  given: Static<typeof schema>,
  context: InputContext,
  report: Report,
): Promise<FileFollower> {
  const places = given.FilePaths.map((path, i) => {
    checkFilePath(path, ["FilePaths", i], report);
    const { folder, name } = splitFilePath(path);
    return placeOf(folder, name, folder.endsWith("/**") ? given.MaxDirSearchDepth : 0);
  });
  if (given.MaxDirSearchDepth !== undefined && !places.some(({ folder }) => folder.endsWith("/**"))) {
    report.warn(
      ["MaxDirSearchDepth"],
      "FILE_DEPTH_UNUSED",
      "'MaxDirSearchDepth' counts only where a path has '**' as its last folder",
    );
  }
  if (!given.EnableContainerDiscovery) sayInVain(given, report);
  const meta = given.AppendingLogPositionMeta;
  return new FileFollower({
    places,
    excluded: compileExcludes(
      { folders: given.ExcludeDirs, files: given.ExcludeFilePaths, names: given.ExcludeFiles },
      { folders: "ExcludeDirs", files: "ExcludeFilePaths", names: "ExcludeFiles" },
      report,
    ),
    filter: given.EnableContainerDiscovery
      ? await compileContainerFilters(given.ContainerFilters, "ContainerFilters", report)
      : null,
    framing: await fileFraming(given, askedName(given.FileOffsetKey, meta, OFFSET_KEY), context, report),
    firstContact: {
      tailBytesMax: (given.TailSizeKB ?? 1024) * 1024,
      written: given.TailSizeKB !== undefined,
    },
    readBytesPerSecond: given.MaxReadBytesPerSecond,
    skipBinary: given.SkipBinaryFiles,
    external: { env: given.ExternalEnvTag, k8sLabels: given.ExternalK8sLabelTag },
    names: tagNames(given.Tags),
    inodeTag: askedName(given.Tags.FileInodeTagKey, meta, INODE_TAG),
    topicOf: await compileTopic(given.TopicFormat, context, report),
  }, context);
}

function checkFilePath(path: string, at: readonly (string | number)[], report: Report): void {
  if (!checkPath(path, at, report)) return;
  if (path.endsWith("/") || path.endsWith("/**")) {
    report.error(at, "FILE_NO_NAME", "The path names a folder", "a file name or pattern at its end");
  }
  checkStars(splitFilePath(path).folder, at, report);
}

/** Container rules for paths on the host would be ignored in silence. */
function sayInVain(given: Static<typeof schema>, report: Report): void {
  for (const name of ["ContainerFilters", "ExternalEnvTag", "ExternalK8sLabelTag"] as const) {
    if (Object.keys(given[name] ?? {}).length === 0) continue;
    report.error(
      [name],
      "FILE_NOT_IN_CONTAINER",
      `'${name}' is about containers, but the paths are on the host`,
      "EnableContainerDiscovery: true beside it",
    );
  }
}

/** The same input with the option names of iLogtail 2.x; records have the 1.x form. */
export const inputFile = definePlugin({
  kind: "input",
  type: "input_file",
  aliasOf: "file_log",
  summary: "Collects log files of the host or inside containers; iLogtail 2.x option names.",
  schema,
  examples: [
    {
      title: "Files of the host, searched below a folder",
      config: "FilePaths:\n  - /var/log/**/*.log\nMaxDirSearchDepth: 5",
    },
    {
      title: "Files inside the containers of a namespace",
      config:
        "FilePaths:\n  - /data/log/*.log\nEnableContainerDiscovery: true\nContainerFilters:\n  K8sNamespaceRegex: ^shop$",
    },
  ],
  needs: ({ EnableContainerDiscovery }) => [EnableContainerDiscovery ? "container_files" : "host_files"],
  create,
});
