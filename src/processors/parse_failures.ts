import type { PluginContext } from "../core/plugin.ts";
import type { Cell } from "../core/telemetry.ts";

/**
 * Counts what a parsing processor could not do, and says so at most once per batch (the log holds repeats back).
 * Nothing is dropped because of it.
 */
export class ParseFailures {
  readonly #context: PluginContext;
  readonly #sourceKey: string;
  readonly #unparsed: Cell;
  readonly #withoutKey: Cell;
  readonly #warnUnparsed: boolean;
  readonly #warnWithoutKey: boolean;
  readonly #sentence: string;

  /** `sentence` is said of values that could not be parsed, if `warn.unparsed`. */
  constructor(
    context: PluginContext,
    sourceKey: string,
    sentence: string,
    warn: { unparsed: boolean; withoutKey: boolean },
  ) {
    const labels = { pipeline: context.pipeline, processor: context.id };
    this.#unparsed = context.metrics.counter(
      "denotail_processor_unparsed_total",
      "Records whose source field a processor could not parse, once for each flusher.",
      labels,
    );
    this.#withoutKey = context.metrics.counter(
      "denotail_processor_missing_key_total",
      "Records without the source field of a processor, once for each flusher.",
      labels,
    );
    this.#context = context;
    this.#sourceKey = sourceKey;
    this.#sentence = sentence;
    this.#warnUnparsed = warn.unparsed;
    this.#warnWithoutKey = warn.withoutKey;
  }

  /** Books the counts of one batch. */
  add(unparsed: number, withoutKey: number): void {
    if (unparsed > 0) {
      this.#unparsed.value += unparsed;
      if (this.#warnUnparsed) this.#warn(this.#sentence, unparsed);
    }
    if (withoutKey > 0) {
      this.#withoutKey.value += withoutKey;
      if (this.#warnWithoutKey) this.#warn("Records have no field with the source key", withoutKey);
    }
  }

  #warn(sentence: string, records: number): void {
    const { pipeline, id } = this.#context;
    this.#context.log.warn(sentence, { pipeline, processor: id, key: this.#sourceKey, records });
  }
}
