import type { Codec } from "../../core/codec.ts";
import type { FieldLookup } from "../../core/envelope/field_lookup.ts";
import type { Partitioner } from "./partitioner.ts";
import type { RecordStyle } from "./record_builder.ts";
import type { FieldRef, TopicTemplate } from "./topic_template.ts";

/** What to do with a record whose value is longer than `MaxMessageBytes`. */
export const OVERSIZE_POLICIES = ["split", "truncate", "drop"] as const;

export type OversizePolicy = (typeof OVERSIZE_POLICIES)[number];

/** How one flusher turns records into messages; the same for all of its lanes. */
export interface SinkPlan {
  readonly topic: TopicTemplate;
  /** Where records go whose topic cannot be told; `null`: to the template's key text. */
  readonly fallbackTopic: string | null;
  readonly style: RecordStyle;
  /** In the order of preference; the first that the brokers take. Empty: none. */
  readonly codecs: readonly Codec[];
  readonly partitioner: Partitioner;
  readonly hashKeys: readonly FieldRef[];
  /** The first key that was computed is used for all records. */
  readonly hashOnce: boolean;
  readonly lookup: FieldLookup;
  readonly oversize: OversizePolicy;
  /** Key id of `_split_`. */
  readonly splitKey: number;
}

/** Topics that may come from log fields, per client: each costs state and connections. */
export const DYNAMIC_TOPICS_MAX = 1000;
