import { optional, section, type Static, text } from "../core/schema.ts";
import type { Tag } from "../core/tags.ts";

/** `Tags` of the 2.x inputs: option -> the 1.x field it renames. */
const FIELD_OF = {
  FilePathTagKey: "__path__",
  FileInodeTagKey: "__inode__",
  K8sNamespaceTagKey: "_namespace_",
  K8sPodNameTagKey: "_pod_name_",
  K8sPodUidTagKey: "_pod_uid_",
  ContainerNameTagKey: "_container_name_",
  ContainerIpTagKey: "_container_ip_",
  ContainerImageNameTagKey: "_image_name_",
} as const;

const tagKey = (field: string) =>
  optional(text(`Name of \`${field}\`: empty removes the field, \`__default__\` keeps its name.`));

export const tagsSection = section("Names of the fields that say where a record came from.", {
  FilePathTagKey: tagKey("__path__"),
  FileInodeTagKey: tagKey("__inode__"),
  K8sNamespaceTagKey: tagKey("_namespace_"),
  K8sPodNameTagKey: tagKey("_pod_name_"),
  K8sPodUidTagKey: tagKey("_pod_uid_"),
  ContainerNameTagKey: tagKey("_container_name_"),
  ContainerIpTagKey: tagKey("_container_ip_"),
  ContainerImageNameTagKey: tagKey("_image_name_"),
});

/** 1.x field name -> name wanted, "" for none. */
export type TagNames = ReadonlyMap<string, string>;

/** Reads the section; fields that keep their name are not in the map. */
export function tagNames(given: Static<typeof tagsSection>): TagNames {
  const names = new Map<string, string>();
  for (const [option, field] of Object.entries(FIELD_OF)) {
    const name = given[option as keyof typeof FIELD_OF];
    if (name !== undefined && name !== "__default__") names.set(field, name);
  }
  return names;
}

/**
 * Name of a field that is there only where asked for: `null` when it is not, `standard` for `__default__`. `wanted`:
 * another option asks for it.
 */
export function askedName(name: string | undefined, wanted: boolean, standard: string): string | null {
  if (name === undefined) return wanted ? standard : null;
  if (name === "") return null;
  return name === "__default__" ? standard : name;
}

/** Renames and removes tags; `prefix` is what stands before the field's name (`__tag__:` for files). */
export function renameTags(tags: readonly Tag[], names: TagNames, prefix: string): Tag[] {
  if (names.size === 0) return [...tags];
  return tags.flatMap((tag) => {
    const name = names.get(tag.key.slice(prefix.length));
    if (name === undefined || !tag.key.startsWith(prefix)) return [tag];
    return name === "" ? [] : [{ key: `${prefix}${name}`, value: tag.value }];
  });
}
