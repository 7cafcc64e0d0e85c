import { visibleLine, visibleText } from "../base/visible_text.ts";
import { type Batch, TAGS } from "../core/batch.ts";
import type { Envelope } from "../core/envelope/envelope.ts";
import type { KeyTable } from "../core/keys.ts";

const encoder = new TextEncoder();

/**
 * A record for eyes, in the order of its fields; a value of several lines is indented below its key:
 *
 *   2022-07-13T15:45:55.123Z
 *     content         ::1 - - [13/Jul/2022:15:45:54 +0000] "GET / HTTP/1.1" 404
 *     _pod_name_      nginx-76d49876c7-r892w
 */
export class PrettyRecord implements Envelope {
  readonly name = "pretty";
  readonly #keys: KeyTable;

  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  bytesMax(batch: Batch, record: number): number {
    return 3 * this.#text(batch, record).length;
  }

  encodeWithin(batch: Batch, record: number, out: Uint8Array, at: number, limit: number): number {
    return at + this.bytesMax(batch, record) > limit ? -1 : this.encode(batch, record, out, at);
  }

  encode(batch: Batch, record: number, out: Uint8Array, at: number): number {
    return at + encoder.encodeInto(this.#text(batch, record), out.subarray(at)).written;
  }

  #text(batch: Batch, record: number): string {
    const fields: [string, string][] = [];
    for (let cell = batch.first[record]; cell >= 0; cell = batch.nextField(cell)) {
      if (batch.key(cell) !== TAGS) fields.push([this.#keys.text(batch.key(cell)), batch.text(cell)]);
      else for (const tag of batch.tags.list) fields.push([tag.key, tag.value]);
    }
    const time = new Date(batch.timesMs[record] || batch.clockMs);
    const head = Number.isNaN(time.getTime()) ? "(no time)" : time.toISOString();
    return [head, ...fields.map(([key, value]) => `  ${visibleLine(key).padEnd(15)} ${indented(value)}`)]
      .join(
        "\n",
      );
  }
}

function indented(value: string): string {
  return value.split("\n").map(visibleText).join(`\n${" ".repeat(18)}`);
}
