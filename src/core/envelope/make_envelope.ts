import type { KeyTable } from "../keys.ts";
import type { Envelope } from "./envelope.ts";
import { CustomSingle } from "./custom_single.ts";
import { SlsJson } from "./sls_json.ts";

/** Names of `Convert.Protocol`, the default first. */
export const ENVELOPE_PROTOCOLS = ["sls_json", "custom_single", "custom_single_flatten"] as const;

export type EnvelopeProtocol = (typeof ENVELOPE_PROTOCOLS)[number];

/** What a flusher's `Convert` section says. */
export interface EnvelopeOptions {
  readonly protocol: EnvelopeProtocol;
  /** Tag name (reference 6.4's table, `k8s.pod.name`) -> new name; an empty one removes the tag. */
  readonly tagFieldsRename?: Readonly<Record<string, string>>;
  /** `contents`, `tags`, `time` -> new name; an empty one removes the part. */
  readonly protocolFieldsRename?: Readonly<Record<string, string>>;
  readonly keys: KeyTable;
}

/** Makes the envelope of one flusher. */
export function makeEnvelope(options: EnvelopeOptions): Envelope {
  const tagFieldsRename = new Map(Object.entries(options.tagFieldsRename ?? {}));
  const fields = options.protocolFieldsRename ?? {};
  if (options.protocol === "sls_json") {
    return new SlsJson(options.keys, {
      tagFieldsRename,
      time: fields.time ?? "Time",
      contents: fields.contents ?? "Contents",
    });
  }
  const flat = options.protocol === "custom_single_flatten";
  return new CustomSingle(options.protocol, options.keys, {
    flat,
    contents: fields.contents ?? "contents",
    tags: fields.tags ?? "tags",
    time: fields.time ?? "time",
    tagFieldsRename,
  });
}
