import type { Container } from "../core/container.ts";
import type { Framing } from "../core/framing.ts";
import { hostView } from "../core/host_view.ts";
import type { FileInfo, PathView } from "../core/host.ts";
import type { Input, InputContext } from "../core/plugin.ts";
import { type Tag, TagSet } from "../core/tags.ts";
import type { FirstContact, Follow, PathSelect } from "../core/tailing.ts";
import type { ContainerFilter } from "./container_filter.ts";
import { ContainerFollowers } from "./container_followers.ts";
import { containerFields, externalFields, type ExternalTags, pipelineTags } from "./container_tags.ts";
import { containerView } from "./container_view.ts";
import { cutUtf8 } from "./cut_utf8.ts";
import type { FilePlace } from "./file_paths.ts";
import { sayHiddenFiles } from "./hidden_files.ts";
import { type Excluded, selectsOf } from "./path_select.ts";
import { readRate } from "./read_rate_option.ts";
import { renameTags, type TagNames } from "./tag_names.ts";
import type { TopicOf } from "./topic_format.ts";

const TAG = "__tag__:";
/** iLogtail cuts paths and ids in tags. */
const PATH_BYTES_MAX = 511;
const USER_DEFINED_ID_BYTES_MAX = 99;

/** What both file inputs come down to. */
export interface FileSettings {
  readonly places: readonly FilePlace[];
  readonly excluded: Excluded;
  /** Files inside the containers that it takes; `null`: files of the host. */
  readonly filter: ContainerFilter | null;
  readonly framing: Framing;
  readonly firstContact: FirstContact;
  /** Of one container, or of the host; `undefined`: no limit. */
  readonly readBytesPerSecond: number | undefined;
  readonly skipBinary: boolean;
  readonly external: ExternalTags;
  readonly names: TagNames;
  /** Name of the tag with the file's inode, without `__tag__:`; `null`: none. */
  readonly inodeTag: string | null;
  readonly topicOf: TopicOf;
}

/** Log files of the host, or inside containers. */
export class FileFollower implements Input {
  readonly #settings: FileSettings;
  readonly #context: InputContext;
  readonly #selects: readonly PathSelect[];
  readonly #followers: ContainerFollowers | null;

  constructor(settings: FileSettings, context: InputContext) {
    this.#settings = settings;
    this.#context = context;
    this.#selects = selectsOf(settings.places, settings.excluded);
    const { filter } = settings;
    this.#followers = filter === null ? null : new ContainerFollowers(
      context.discovery,
      (container) => filter.accepts(container),
      (container) => this.#followContainer(container),
    );
  }

  start(): void {
    const { filter, external } = this.#settings;
    this.#context.discovery.keepEnv?.([...filter?.envNames ?? [], ...Object.keys(external.env)]);
    if (this.#followers === null) {
      this.#follow(hostView(this.#context.hostRoot), "host", "host", null, () => null);
      return;
    }
    this.#followers.start();
  }

  stop(): void {
    this.#followers?.stop();
  }

  #followContainer(container: () => Container): readonly Follow[] {
    const now = container();
    if (!sayHiddenFiles(now, this.#settings.places, this.#context)) return [];
    return this.#follow(
      containerView(container, this.#context.hostRoot),
      now.id,
      now.name,
      now.createdMs > 0 ? now.createdMs : null,
      container,
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
    // All paths of the input share it.
    const rate = readRate(settings.readBytesPerSecond);
    return this.#selects.map((select) =>
      context.tail.follow({
        pipeline: context.pipeline,
        input: context.id,
        flushers: context.flushers,
        origin,
        originCreatedMs,
        label,
        view,
        select,
        framing: settings.framing,
        firstContact: settings.firstContact,
        readRate: rate,
        skipBinary: settings.skipBinary,
        open: (path, info) => {
          const tags = new TagSet(this.#tags(path, info, container()));
          return { tags, outputs: context.outputs({ key: `${origin}:${path}`, tags }) };
        },
      })
    );
  }

  #tags(path: string, info: FileInfo, container: Container | null): Tag[] {
    const { external, names, inodeTag, topicOf } = this.#settings;
    const { userDefinedId, envTags } = this.#context.node;
    const fields: Tag[] = [
      { key: `${TAG}__path__`, value: cutUtf8(path, PATH_BYTES_MAX) },
      { key: `${TAG}__user_defined_id__`, value: cutUtf8(userDefinedId, USER_DEFINED_ID_BYTES_MAX) },
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
    const more = container === null ? [] : externalFields(container, external, envTags);
    return [
      ...renameTags(fields, names, TAG),
      ...more.map(({ key, value }) => ({ key: TAG + key, value })),
      ...topicOf(path),
      ...pipelineTags(this.#context),
      ...(inodeTag === null ? [] : [{ key: TAG + inodeTag, value: String(info.inode) }]),
    ];
  }
}
