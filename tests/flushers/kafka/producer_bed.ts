import { makeKafkaFlusher } from "../../../src/flushers/kafka/kafka_flusher.ts";
import { flusherKafkaV2 } from "../../../src/flushers/flusher_kafka_v2.ts";
import type { Flusher, FlusherContext } from "../../../src/core/plugin.ts";
import { NO_TAGS, type TagSet } from "../../../src/core/tags.ts";
import { FakeKafka, testGzip } from "../../support/fake_kafka.ts";
import {
  type FlusherBed,
  KeptReport,
  makeFlusherBed,
  TestLane,
  withDefaults,
} from "../../support/flusher_bed.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

/** A flusher over a fake cluster in virtual time. */
export interface ProducerBed extends FlusherBed {
  readonly clock: VirtualClock;
  readonly kafka: FakeKafka;
  readonly flusher: Flusher;
  readonly report: KeptReport;
  lane(source?: string, tags?: TagSet): TestLane;
}

/** Topic `t` has one partition, led by node 1. Records are small: no compression unless asked for. */
export async function producerBed(
  options: Record<string, unknown> = {},
  kafka: FakeKafka = new FakeKafka(),
  more: Partial<FlusherContext> = {},
  clock: VirtualClock = new VirtualClock(),
): Promise<ProducerBed> {
  if (!kafka.topics.has("t")) kafka.topics.set("t", [1]);
  const host = {
    kafka: { open: () => kafka, checkPem: () => null },
    codecs: { load: () => Promise.resolve(testGzip) },
  };
  const bed = makeFlusherBed(clock, host, more);
  const report = new KeptReport();
  const filled = withDefaults(flusherKafkaV2, {
    Brokers: ["k:1"],
    Topic: "t",
    Compression: "none",
    ...options,
  });
  const flusher = await makeKafkaFlusher(filled, bed.context, report);
  const lane = (source = "source", tags = NO_TAGS) =>
    new TestLane(flusher.open({ key: source, tags }), bed.context.keys, clock, tags);
  return Object.assign(bed, { clock, kafka, flusher, report, lane });
}

/** What `content` was in messages of the `sls_json` form. */
export function contents(texts: readonly string[]): string[] {
  return texts.map((text) => (JSON.parse(text) as { Contents: { Value: string }[] }).Contents[0].Value);
}
