import { FewMap } from "../base/few_map.ts";

/** One constant field of a source: where it came from and how the seed's JSON names it. */
export interface Tag {
  /** Key in the `sls_json` form: `_pod_name_` for stdout, `__tag__:_pod_name_` for files. */
  readonly key: string;
  readonly value: string;
}

/**
 * The constant fields of one source, frozen and in output order. One object per lane for its whole life, so that
 * encoders cache what they make of it by identity.
 */
export class TagSet {
  readonly list: readonly Tag[];
  /** Slot for an encoder's cached bytes; keyed by the encoder. */
  readonly encoded: FewMap<object, Uint8Array> = new FewMap();

  constructor(list: readonly Tag[]) {
    this.list = Object.freeze([...list]);
  }

  /** The value of the first tag with this key. */
  get(key: string): string | undefined {
    return this.list.find((tag) => tag.key === key)?.value;
  }
}

/** No tags at all. */
export const NO_TAGS: TagSet = new TagSet([]);
