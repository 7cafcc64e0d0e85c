import type { Container } from "../core/container.ts";
import type { Framing } from "../core/framing.ts";
import { hostView } from "../core/host_view.ts";
import type { PathView } from "../core/host.ts";
import type { Input, InputContext } from "../core/plugin.ts";
import { type Tag, TagSet } from "../core/tags.ts";
import type { FirstContact, Follow } from "../core/tailing.ts";
import type { ContainerFilter } from "./container_filter.ts";
import { ContainerFollowers } from "./container_followers.ts";
import { containerFields, externalFields, type ExternalTags, pipelineTags } from "./container_tags.ts";
import { below, containerView, covers } from "./container_view.ts";
import { type Excludes, type FilePlace, fixedFolder, selectOf } from "./file_paths.ts";
import { renameTags, type TagNames } from "./tag_names.ts";
import type { TopicOf } from "./topic_format.ts";

const TAG = "__tag__:";
/** iLogtail cuts paths and ids in tags. */
const PATH_CHARS_MAX = 511;
const USER_DEFINED_ID_CHARS_MAX = 99;

/** What both file inputs come down to. */
export interface FileSettings {
  readonly places: readonly FilePlace[];
  readonly depthMax: number;
  readonly excludes: Excludes;
  /** Files inside the containers that it takes; `null`: files of the host. */
  readonly filter: ContainerFilter | null;
  readonly framing: Framing;
  readonly firstContact: FirstContact;
  readonly skipBinary: boolean;
  readonly external: ExternalTags;
  readonly names: TagNames;
  readonly topicOf: TopicOf;
}

/** Log files of the host, or inside containers. */
export class FileFollower implements Input {
  readonly #settings: FileSettings;
  readonly #context: InputContext;
  readonly #followers: ContainerFollowers | null;
  #hostFollows: readonly Follow[] = [];
  #unsubscribe: (() => void) | null = null;

  constructor(settings: FileSettings, context: InputContext) {
    this.#settings = settings;
    this.#context = context;
    const { filter } = settings;
    this.#followers = filter === null ? null : new ContainerFollowers(
      context.discovery,
      (container) => filter.accepts(container),
      (container) => this.#followContainer(container),
    );
  }

  start(): void {
    if (this.#followers === null) {
      this.#hostFollows = this.#follow(hostView(this.#context.hostRoot), "host", "host", null, () => null);
      return;
    }
    this.#followers.start();
    this.#unsubscribe = this.#context.discovery.onSnapshot(() => this.#sayNoRuntime());
    this.#sayNoRuntime();
  }

  stop(): void {
    this.#followers?.stop();
    this.#unsubscribe?.();
  }

  /** `DockerFile: true` on a host without any runtime is said, not ignored. */
  #sayNoRuntime(): void {
    const { discovery, log, pipeline } = this.#context;
    const { complete, runtimes, containers } = discovery.current();
    if (!complete || containers.size > 0 || runtimes.some(({ state }) => state === "ok")) return;
    log.warnOnce(
      `files:no-runtime:${pipeline}`,
      "No container runtime was found, so no files in containers are read",
      {
        pipeline,
        runtimes: runtimes.map(({ socket, state }) => `${socket} ${state}`).join(", "),
      },
    );
  }

  #followContainer(container: () => Container): readonly Follow[] {
    const now = container();
    if (now.vmIsolated) {
      this.#context.log.warnOnce(
        `files:vm:${now.id}`,
        "Files of a container in a virtual machine cannot be read",
        {
          container: now.name,
          path: this.#settings.places.map(({ folder }) => folder).join(", "),
        },
      );
      return [];
    }
    for (const place of this.#settings.places) this.#sayHidden(now, fixedFolder(place.folder));
    return this.#follow(
      containerView(now, this.#context.hostRoot),
      now.id,
      now.name,
      now.createdMs > 0 ? now.createdMs : null,
      container,
    );
  }

  /** A mount that is not visible below the host root, or a root that nobody knows: one warning. */
  #sayHidden(container: Container, folder: string): void {
    const { files, hostRoot, log } = this.#context;
    const mount = container.mounts.find(({ destination }) => covers(destination, folder));
    const hidden = mount !== undefined
      ? files.stat(below(hostRoot, mount.source)) === null
      : container.upperDir === "" && container.mergedRoot === "";
    if (!hidden) return;
    log.warnOnce(
      `files:hidden:${container.id}:${folder}`,
      "Files of a container are not visible below the host root",
      {
        container: container.name,
        path: folder,
        mount: mount === undefined ? "root file system" : mount.source,
        hostRoot,
      },
    );
  }

  #follow(
    view: PathView,
    origin: string,
    label: string,
    originCreatedMs: number | null,
    container: () => Container | null,
  ): readonly Follow[] {
    const { context, settings } = { context: this.#context, settings: this.#settings };
    return settings.places.map((place, ordinal) =>
      context.tail.follow({
        pipeline: context.pipeline,
        input: settings.places.length > 1 ? `${context.id}:${ordinal}` : context.id,
        flushers: context.flushers,
        origin,
        originCreatedMs,
        label,
        view,
        select: selectOf(place, settings.depthMax, settings.excludes),
        framing: settings.framing,
        firstContact: settings.firstContact,
        skipBinary: settings.skipBinary,
        open: (path) => {
          const tags = new TagSet(this.#tags(path, container()));
          return { tags, outputs: context.outputs({ key: `${origin}:${path}`, tags }) };
        },
      })
    );
  }

  #tags(path: string, container: Container | null): Tag[] {
    const { external, names, topicOf } = this.#settings;
    const { userDefinedId } = this.#context.node;
    const fields: Tag[] = [
      { key: `${TAG}__path__`, value: path.slice(0, PATH_CHARS_MAX) },
      { key: `${TAG}__user_defined_id__`, value: userDefinedId.slice(0, USER_DEFINED_ID_CHARS_MAX) },
    ];
    if (container !== null) {
      const known = containerFields(container);
      // Files name the address first, stdout last: the seed's two samples differ.
      for (const name of ["_container_ip_", ...known.keys()]) {
        const value = known.get(name);
        if (value !== undefined && !fields.some(({ key }) => key === TAG + name)) {
          fields.push({ key: TAG + name, value });
        }
      }
    }
    const more = container === null ? [] : externalFields(container, external);
    return [
      ...renameTags(fields, names, TAG),
      ...more.map(({ key, value }) => ({ key: TAG + key, value })),
      ...topicOf(path),
      ...pipelineTags(this.#context),
    ];
  }
}
