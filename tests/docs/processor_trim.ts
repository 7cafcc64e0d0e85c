import type { Batch } from "../../src/core/batch.ts";
import { definePlugin, type PluginContext, type Processor } from "../../src/core/plugin.ts";
import { options, type Static, text } from "../../src/core/schema.ts";

const schema = options({
  SourceKey: text("Field whose blanks at both ends are removed.", { minLength: 1, examples: ["content"] }),
});

class TrimProcessor implements Processor {
  readonly #source: number;

  constructor(given: Static<typeof schema>, context: PluginContext) {
    this.#source = context.keys.permanent(given.SourceKey);
  }

  process(batch: Batch): void {
    for (let record = batch.from; record < batch.to; record++) {
      if (!batch.alive(record)) continue;
      const cell = batch.find(record, this.#source);
      if (cell >= 0) batch.setText(cell, batch.text(cell).trim());
    }
  }
}

/** Removes blanks around a value. */
export const processorTrim = definePlugin({
  kind: "processor",
  type: "processor_trim",
  summary: "Removes blanks around a value.",
  schema,
  examples: [{
    title: "A padded line",
    config: "Type: processor_trim\nSourceKey: content\n",
    given: [[["content", "  GET /  "]]],
    gives: [[["content", "GET /"]]],
  }],
  create: (given, context) => Promise.resolve(new TrimProcessor(given, context)),
});
