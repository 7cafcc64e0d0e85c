import type { Container } from "../core/container.ts";
import type { Framing } from "../core/framing.ts";
import { hostView } from "../core/host_view.ts";
import type { FileInfo } from "../core/host.ts";
import type { Input, InputContext } from "../core/plugin.ts";
import { type Tag, TagSet } from "../core/tags.ts";
import type { FirstContact, Follow } from "../core/tailing.ts";
import type { ContainerFilter } from "./container_filter.ts";
import { ContainerFollowers } from "./container_followers.ts";
import { containerFields, externalFields, type ExternalTags, pipelineTags } from "./container_tags.ts";
import { readRate } from "./read_rate_option.ts";
import { renameTags, type TagNames } from "./tag_names.ts";
import type { TopicOf } from "./topic_format.ts";

/** What both stdout inputs come down to. */
export interface StdioSettings {
  readonly filter: ContainerFilter;
  readonly framing: Framing;
  readonly firstContact: FirstContact;
  /** Of one container; `undefined`: no limit. */
  readonly readBytesPerSecond: number | undefined;
  readonly external: ExternalTags;
  readonly names: TagNames;
  /** Names of fields with the runtime's log file and its inode; `null`: none, as in iLogtail 1.x. */
  readonly pathField: string | null;
  readonly inodeField: string | null;
  /** By the path of the log file. */
  readonly topicOf: TopicOf;
}

/** Stdout and stderr of containers: the runtime's log file of each container that the filter takes. */
export class StdioFollower implements Input {
  readonly #settings: StdioSettings;
  readonly #context: InputContext;
  readonly #followers: ContainerFollowers;

  constructor(settings: StdioSettings, context: InputContext) {
    this.#settings = settings;
    this.#context = context;
    this.#followers = new ContainerFollowers(
      context.discovery,
      (container) => settings.filter.accepts(container),
      (container) => this.#follow(container),
    );
  }

  start(): void {
    const { filter, external } = this.#settings;
    this.#context.discovery.keepEnv?.([...filter.envNames, ...Object.keys(external.env)]);
    this.#followers.start();
  }

  stop(): void {
    this.#followers.stop();
  }

  #follow(container: () => Container): readonly Follow[] {
    const { context, settings } = { context: this.#context, settings: this.#settings };
    const now = container();
    if (!this.#readable(now)) return [];
    this.#sayHidden(now);
    const follow = context.tail.follow({
      pipeline: context.pipeline,
      input: context.id,
      flushers: context.flushers,
      origin: now.id,
      originCreatedMs: now.createdMs > 0 ? now.createdMs : null,
      label: now.name,
      // The log file lies on the host, whatever the container mounts.
      view: hostView(context.hostRoot),
      select: { kind: "exact", path: now.logPath },
      framing: settings.framing,
      firstContact: settings.firstContact,
      readRate: readRate(settings.readBytesPerSecond),
      open: (path, info) => {
        const tags = new TagSet(this.#tags(path, info, container()));
        return { tags, outputs: context.outputs({ key: `${now.id}:${now.logPath}`, tags }) };
      },
    });
    return [follow];
  }

  /** Containers without a log file that can be read are named once, with the reason. */
  #readable(container: Container): boolean {
    const { log } = this.#context;
    const usual = container.logDriver === "json-file" || container.logDriver === "cri";
    if (usual && container.logPath !== "") return true;
    log.warnOnce(`stdio:${container.id}`, "Container's output is not collected", {
      container: container.name,
      id: container.id.slice(0, 12),
      reason: usual
        ? "the runtime names no log file"
        : `the log driver is '${container.logDriver}', only 'json-file' is read`,
    });
    return false;
  }

  /**
   * The folder of the log is there before the container runs. If it is not seen below the host root, it is not mounted
   * there; the path is looked at all the same, in case that a mount comes later.
   */
  #sayHidden({ id, name, logPath, state }: Container): void {
    const { files, hostRoot, log } = this.#context;
    const folder = logPath.slice(0, logPath.lastIndexOf("/")) || "/";
    if (state !== "running" || files.resolve(hostView(hostRoot), folder) !== null) return;
    log.warnOnce(`stdio:hidden:${id}`, "Container's output is not visible below the host root", {
      container: name,
      id: id.slice(0, 12),
      path: logPath,
      remedy: `Mount the host's ${folder.split("/").slice(0, 4).join("/")} there, or the host's /`,
    });
  }

  #tags(path: string, info: FileInfo, container: Container): Tag[] {
    const { external, names, pathField, inodeField, topicOf } = this.#settings;
    const fields: Tag[] = [...containerFields(container)].map(([key, value]) => ({ key, value }));
    return [
      ...renameTags(fields, names, ""),
      ...(pathField === null ? [] : [{ key: pathField, value: path }]),
      ...(inodeField === null ? [] : [{ key: inodeField, value: String(info.inode) }]),
      ...externalFields(container, external, this.#context.node.envTags),
      ...topicOf(path),
      ...pipelineTags(this.#context),
    ];
  }
}
