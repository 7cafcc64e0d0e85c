/**
 * Which fields are tags of a record, and their names in the newer protocols (reference 6.4; the original's K8s flag
 * is off). The same names serve `%{tag.x}`, `HashKeys` and `TagFieldsRename` in every protocol.
 */
const TAG_PREFIX = "__tag__:";

const NAMES: ReadonlyMap<string, string> = new Map([
  ["__path__", "log.file.path"],
  ["__hostname__", "host.name"],
  ["_node_ip_", "k8s.node.ip"],
  ["_node_name_", "k8s.node.name"],
  ["_namespace_", "k8s.namespace.name"],
  ["_pod_name_", "k8s.pod.name"],
  ["_pod_ip_", "k8s.pod.ip"],
  ["_pod_uid_", "k8s.pod.uid"],
  ["_container_name_", "container.name"],
  ["_container_ip_", "container.ip"],
  ["_image_name_", "container.image.name"],
]);

/** What a field's key says. */
export interface FieldName {
  readonly kind: "content" | "tag";
  /** Name within its kind: `k8s.pod.name`, or the key itself. */
  readonly name: string;
  /** The key up to the part that a rename of the tag replaces: `__tag__:` or nothing. */
  readonly prefix: string;
  /** The user-defined id, which the newer protocols leave out. */
  readonly isUserDefinedId: boolean;
}

/** Classifies a key of the `sls_json` form. */
export function fieldName(key: string): FieldName {
  if (key.startsWith(TAG_PREFIX)) {
    const bare = key.slice(TAG_PREFIX.length);
    return {
      kind: "tag",
      name: NAMES.get(bare) ?? bare,
      prefix: TAG_PREFIX,
      isUserDefinedId: bare === "__user_defined_id__",
    };
  }
  const known = key === "__log_topic__" ? "log.topic" : NAMES.get(key);
  return {
    kind: known === undefined ? "content" : "tag",
    name: known ?? key,
    prefix: "",
    isUserDefinedId: false,
  };
}
