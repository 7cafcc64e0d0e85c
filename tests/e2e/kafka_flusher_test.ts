import assert from "node:assert/strict";
import type { FlusherContext } from "../../src/core/plugin.ts";
import { NO_TAGS } from "../../src/core/tags.ts";
import { flusherKafkaV2 } from "../../src/flushers/flusher_kafka_v2.ts";
import { systemClock as clock } from "../../src/host/clock.ts";
import { HostCodecs } from "../../src/host/codecs.ts";
import { HostKafka } from "../../src/host/kafka_port.ts";
import {
  type FlusherBed,
  KeptReport,
  makeFlusherBed,
  TestLane,
  withDefaults,
} from "../support/flusher_bed.ts";
import { sharedKafka, startKafka, type TestKafka, testUser } from "../support/kafka.ts";
import { waitFor } from "../support/process.ts";
import { bedTest, need } from "../support/system.ts";

const test = bedTest(await need("kafka"));

function bed(more: Partial<FlusherContext> = {}): FlusherBed {
  const host: Record<string, unknown> = { codecs: new HostCodecs() };
  const made = makeFlusherBed(clock, host, { random: Math.random, ...more });
  host.kafka = new HostKafka(made.log);
  return made;
}

async function flusher(made: FlusherBed, options: Record<string, unknown>) {
  const report = new KeptReport();
  const flusher = await flusherKafkaV2.create(withDefaults(flusherKafkaV2, options), made.context, report);
  assert.deepEqual(report.errors, []);
  return flusher;
}

/** Lines with a number each, as `content`. */
function lines(from: number, count: number, rest = ""): string[] {
  return Array.from({ length: count }, (_, i) => `line ${from + i} ${rest}`);
}

/** Numbers of the lines in a topic, in the order of offsets; partition 0 only. */
async function numbers(kafka: TestKafka, topic: string): Promise<number[]> {
  const texts = await kafka.consumeText(topic, { partition: 0 });
  return texts.map((text) => {
    const event = JSON.parse(text) as { Contents: { Key: string; Value: string }[] };
    return Number(event.Contents[0].Value.split(" ")[1]);
  });
}

async function settled(lane: TestLane, count: number, timeoutMs = 20_000): Promise<void> {
  await waitFor(`${count} settled lines`, () => lane.safe === count, { timeoutMs, everyMs: 20 });
}

for (const codec of ["auto", "none", "gzip", "snappy", "lz4", "zstd"]) {
  test(`flusher_kafka_v2 writes what Kafka's own consumer reads when the codec is ${codec}`, async () => {
    const kafka = await sharedKafka();
    await kafka.createTopic(`codec-${codec}`);
    const made = bed();
    const flush = await flusher(made, {
      Brokers: [kafka.bootstrap],
      Topic: `codec-${codec}`,
      Compression: codec,
    });
    const lane = new TestLane(flush.open({ key: "s", tags: NO_TAGS }), made.context.keys, clock);
    const written = ["plain", 'quotes " and \\', "umlauts äöü €", ...lines(3, 3000, "x".repeat(200))];
    lane.write(written);
    lane.sink.caughtUp();
    await settled(lane, written.length);
    await flush.stop(5000);
    const read = await kafka.consoleConsume(`codec-${codec}`, { max: written.length });
    assert.deepEqual(read.map((line) => JSON.parse(line).Contents[0].Value), written);
    assert.match(read[0], /^\{"Time":\d+,"Contents":\[\{"Key":"content","Value":"plain"\}\]\}$/);
  });
}

void startKafka;
void testUser;
void numbers;
