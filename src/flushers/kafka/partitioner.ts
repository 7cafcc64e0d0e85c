/** Which partition a record goes to: a number per record (its seed), and a rule from there to a partition. */
export interface Partitioner {
  readonly name: PartitionerName;
  /** The partition of `[0, partitions)`. */
  place(seed: number, partitions: number): number;
}

/** Names of `PartitionerType`, the default first. */
export const PARTITIONER_NAMES = ["source", "random", "roundrobin", "hash"] as const;

export type PartitionerName = (typeof PARTITIONER_NAMES)[number];

/** Over how many partitions the sources of one node spread: each costs batches of its own. */
export const PARTITIONS_PER_NODE = 4;

/**
 * The rule of the name. `source`: seed is the source's hash; a node's sources share a window of at most four
 * partitions, so that batches stay large, and nodes take different windows. `hash`: seed is the key's hash; as
 * sarama, hence iLogtail, does it. `random` and `roundrobin`: seed is a random number or a counter.
 */
export function makePartitioner(name: PartitionerName, node: string): Partitioner {
  if (name === "hash") return { name, place: (seed, partitions) => Math.abs((seed | 0) % partitions) };
  if (name !== "source") return { name, place: (seed, partitions) => seed % partitions };
  const nodeHash = fnv1a(new TextEncoder().encode(node)) >>> 0;
  return {
    name,
    place: (seed, partitions) =>
      (nodeHash + (seed >>> 0) % Math.min(partitions, PARTITIONS_PER_NODE)) % partitions,
  };
}

/** FNV-1a, 32 bits, as a signed number. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash;
}
