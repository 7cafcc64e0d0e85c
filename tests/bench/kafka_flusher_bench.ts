/**
 * CPU seconds per million records from a framed batch to Kafka's acknowledgement, whole process, against a real broker
 * on this machine: `deno run -A --v8-flags=--max-semi-space-size=2 tests/bench/kafka_flusher_bench.ts [codec …]`.
 */
import process from "node:process";
import { Ledger } from "../../src/core/ledger.ts";
import { flusherKafkaV2 } from "../../src/flushers/flusher_kafka_v2.ts";
import { systemClock } from "../../src/host/clock.ts";
import { HostCodecs } from "../../src/host/codecs.ts";
import { HostKafka } from "../../src/host/kafka_port.ts";
import { KeptReport, makeFlusherBed, withDefaults } from "../support/flusher_bed.ts";
import { startKafka } from "../support/kafka.ts";
import { ACCESS_LINES, frame, RECORDS, STDOUT_TAGS } from "./bench_batches.ts";

const MILLION = 1_000_000;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const kafka = await startKafka({ fullJit: true, heap: "512m" });
const codecs = Deno.args.length > 0 ? Deno.args : ["auto", "none", "gzip"];
for (const Compression of codecs) {
  const topic = `bench-${Compression}`;
  await kafka.createTopic(topic, 1, { "retention.bytes": "200000000", "segment.bytes": "50000000" });
  // As the agent does: who has no room sleeps until the flusher calls.
  let wake = () => {};
  const host: Record<string, unknown> = { codecs: new HostCodecs() };
  const bed = makeFlusherBed(systemClock, host, { random: Math.random, wake: () => wake() });
  host.kafka = new HostKafka(bed.log);
  const options = withDefaults(flusherKafkaV2, { Brokers: [kafka.bootstrap], Topic: topic, Compression });
  const flusher = await flusherKafkaV2.create(options, bed.context, new KeptReport());
  const sink = flusher.open({ key: "s", tags: STDOUT_TAGS });
  const next = frame(bed.context.keys, ACCESS_LINES);
  const ledger = new Ledger({ done: [0] }, () => {});
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const send = async (records: number) => {
    for (let sent = 0; sent < records;) {
      const until = performance.now() + 9;
      while (sent < records && performance.now() < until && sink.room() > 0) {
        const entry = ledger.open({ done: [sent += RECORDS] });
        sink.write(next(), entry);
        entry.settle();
      }
      if (sink.room() > 0) await turn();
      else await new Promise<void>((resolve) => wake = resolve);
    }
    sink.caughtUp();
    while (ledger.openCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await send(50_000);
  const [cpu, wall] = [cpuSeconds(), performance.now()];
  await send(MILLION);
  const seconds = cpuSeconds() - cpu;
  const rss = Deno.memoryUsage().rss / 1024 / 1024;
  const wallSeconds = (performance.now() - wall) / 1000;
  const batches = bed.metrics.value("denotail_kafka_batches_total");
  // deno-lint-ignore no-console -- a bench prints
  console.log(
    `${Compression}: ${seconds.toFixed(2)} CPU-s per million, ${wallSeconds.toFixed(1)} s, RSS ${
      rss.toFixed(0)
    } MB, ` +
      `${batches} batches`,
  );
  await flusher.stop(1000);
}
await kafka.dispose();
