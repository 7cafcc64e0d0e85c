import type { Topic } from "./partition.ts";
import type { Producer } from "./producer.ts";
import { readRecord } from "./record_batch.ts";
import { RECORDS_BEGIN } from "./record_builder.ts";

/**
 * The topic has been described: spreads the records that waited for that over its partitions, in their order. Each
 * goes into its partition's open batch, which takes over the hold on its ledger entry.
 */
export function assignWaiting(topic: Topic, producer: Producer): void {
  const waiting = topic.unassigned;
  topic.unassigned = [];
  for (const { batch, builder, partitioner, seeds, owners } of waiting) {
    producer.grewUnassigned(-builder.bytes);
    let at = RECORDS_BEGIN;
    for (let i = 0; i < builder.count; i++) {
      const record = readRecord(builder.buffer, at);
      const partition = topic.partitions[partitioner.place(seeds[i], topic.partitions.length)];
      const target = producer.batch(partition, batch.codec, batch.eventTime);
      const into = target.builder!;
      const before = into.bytes;
      into.appendCopy(builder.buffer, record, builder.baseTimeMs + record.timestampDelta, batch.eventTime);
      target.carry(owners[i]);
      producer.grew(partition, into.bytes - before);
      if (into.full) producer.seal(partition, target);
      else producer.sealSoon(target);
      at = record.end;
    }
    builder.release();
    batch.finish(producer.pool);
  }
}
