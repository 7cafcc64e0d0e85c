import assert from "node:assert/strict";
import { flusherKafka } from "../../src/flushers/flusher_kafka.ts";
import { flusherKafkaV2 } from "../../src/flushers/flusher_kafka_v2.ts";
import type { KafkaSettings } from "../../src/core/kafka_port.ts";
import type { Keeping, Plugin } from "../../src/core/plugin.ts";
import { NO_TAGS } from "../../src/core/tags.ts";
import { FakeKafka, testGzip } from "../support/fake_kafka.ts";
import { KeptReport, makeFlusherBed, withDefaults } from "../support/flusher_bed.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const basic = { Brokers: ["k:9092"], Topic: "t" };

function bed() {
  const opened: KafkaSettings[] = [];
  const kafka = new FakeKafka();
  const host = {
    kafka: {
      open: (settings: KafkaSettings) => (opened.push(settings), kafka),
      checkPem: (path: string) => path.startsWith("/good/") ? null : `The file '${path}' cannot be read`,
    },
    codecs: {
      load: (name: string, level?: number) => {
        if (level === 99) return Promise.reject(new Error("There is no level '99'"));
        return Promise.resolve(name === "gzip" ? testGzip : null);
      },
    },
  };
  return { ...makeFlusherBed(new VirtualClock(), host), opened };
}

async function problems(
  options: Record<string, unknown>,
  plugin: Plugin = flusherKafkaV2,
): Promise<string[]> {
  const report = new KeptReport();
  await plugin.create(withDefaults(plugin, { ...basic, ...options }), bed().context as never, report);
  return [
    ...report.errors.map(({ path, code }) => `error ${path} ${code}`),
    ...report.warnings.map(({ path, code }) => `warning ${path} ${code}`),
  ];
}

Deno.test("flusher_kafka_v2 has nothing to say when the seed's options are given", async () => {
  assert.deepEqual(await problems({}), []);
});

Deno.test("flusher_kafka_v2 reports each mistake with its place when options cannot work", async () => {
  const tls = (options: Record<string, unknown>) => ({
    Authentication: { TLS: { Enabled: true, ...options } },
  });
  const cases: [Record<string, unknown>, string][] = [
    [{ Brokers: ["k"] }, "error Brokers.0 KAFKA_BROKER_ADDRESS"],
    [{ Brokers: ["k:9092", "http://k:1"] }, "error Brokers.1 KAFKA_BROKER_ADDRESS"],
    [{ Brokers: ["k:70000"] }, "error Brokers.0 KAFKA_BROKER_ADDRESS"],
    [{ Topic: "a b" }, "error Topic KAFKA_TOPIC"],
    [{ Topic: "%{app}" }, "error Topic KAFKA_TOPIC"],
    [{ FallbackTopic: "a b" }, "error FallbackTopic KAFKA_TOPIC"],
    [{ Version: "latest" }, "error Version KAFKA_VERSION"],
    [{ Version: "0.10.2.0" }, "error Version KAFKA_VERSION_TOO_OLD"],
    [{ ClientID: "x".repeat(300) }, "error ClientID KAFKA_CLIENT_ID_TOO_LONG"],
    [{ PartitionerType: "hash", HashKeys: ["user"] }, "error HashKeys.0 KAFKA_HASH_KEY"],
    [{ Compression: "zstd" }, "error Compression KAFKA_CODEC_MISSING"],
    [{ Compression: "gzip", CompressionLevel: 99 }, "error CompressionLevel KAFKA_LEVEL"],
    [{ Authentication: { Kerberos: { Realm: "R" } } }, "error Authentication.Kerberos KAFKA_KERBEROS"],
    [
      { Authentication: { PlainText: { Username: "u" } } },
      "error Authentication.PlainText.Password KAFKA_LOGIN_INCOMPLETE",
    ],
    [
      { Authentication: { SASL: { Username: "u", Password: "p" } } },
      "error Authentication.SASL.SaslMechanism KAFKA_LOGIN_INCOMPLETE",
    ],
    [tls({ CAFile: "/bad/ca" }), "error Authentication.TLS.CAFile KAFKA_TLS_FILE"],
    [tls({ CertFile: "/good/cert" }), "error Authentication.TLS.KeyFile KAFKA_TLS_PAIR"],
    [tls({ InsecureSkipVerify: true }), "warning Authentication.TLS.InsecureSkipVerify KAFKA_TLS_INSECURE"],
    [{ RequiredAcks: 1 }, "warning RequiredAcks KAFKA_NOT_IDEMPOTENT"],
    [{ RequiredAcks: 0 }, "warning RequiredAcks KAFKA_NOT_IDEMPOTENT"],
    [{ Delivery: "exactly_once", ResumeTopic: "a b" }, "error ResumeTopic KAFKA_TOPIC"],
    [{ Delivery: "exactly_once", ResumeTopic: "t" }, "error ResumeTopic KAFKA_TOPIC"],
    [{ PartitionerType: "random" }, "warning PartitionerType KAFKA_ORDER"],
    [{ HashKeys: ["content.a"] }, "warning HashKeys KAFKA_HASH_KEYS_UNUSED"],
  ];
  for (const [options, expected] of cases) {
    const found = await problems(options);
    assert.ok(found.includes(expected), `${JSON.stringify(options)}: ${found}`);
    assert.equal(
      found.filter((problem) => problem.startsWith("error")).length,
      expected.startsWith("error") ? 1 : 0,
    );
  }
});

Deno.test("flusher_kafka_v2 connects to nothing before the first lane, then as its options say", async () => {
  const made = bed();
  const options = withDefaults(flusherKafkaV2, {
    ...basic,
    Timeout: 5000,
    Authentication: {
      SASL: { SaslMechanism: "SCRAM-SHA-512", Username: "u", Password: "p" },
      TLS: { Enabled: true, CAFile: "/good/ca", MaxVersion: "1.3" },
    },
  });
  const flusher = await flusherKafkaV2.create(options, made.context, new KeptReport());
  assert.equal(made.opened.length, 0);
  flusher.open({ key: "s", tags: NO_TAGS });
  flusher.open({ key: "s", tags: NO_TAGS });
  assert.deepEqual(made.opened, [{
    brokers: ["k:9092"],
    clientId: "LogtailPlugin",
    connectTimeoutMs: 5000,
    keepAliveMs: 0,
    sasl: { mechanism: "SCRAM-SHA-512", username: "u", password: "p" },
    tls: {
      caFile: "/good/ca",
      certFile: undefined,
      keyFile: undefined,
      insecureSkipVerify: false,
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
    },
  }]);
});

Deno.test("flusher_kafka_v2 shares one client when pipelines name the same cluster and login, and opens a new one after the last has stopped", async () => {
  const made = bed();
  const make = async (options: Record<string, unknown> = {}) => {
    const filled = withDefaults(flusherKafkaV2, { ...basic, ...options });
    return await flusherKafkaV2.create(filled, made.context, new KeptReport());
  };
  const [one, two, other] = [await make(), await make({ Topic: "u" }), await make({ ClientID: "other" })];
  for (const flusher of [one, two, other]) flusher.open({ key: "s", tags: NO_TAGS });
  assert.equal(made.opened.length, 2);
  assert.deepEqual(made.budget.holders.map(({ name }) => name), ["kafka k:9092", "kafka k:9092#2"]);
  await one.stop(10);
  const three = await make();
  three.open({ key: "s", tags: NO_TAGS });
  assert.equal(made.opened.length, 2);
  await Promise.all([two.stop(10), three.stop(10)]);
  (await make()).open({ key: "s", tags: NO_TAGS });
  assert.equal(made.opened.length, 3);
});

Deno.test("flusher_kafka_v2 shares one client in whatever order the brokers are named, and not when it would send otherwise", async () => {
  const made = bed();
  const several: Record<string, unknown>[] = [
    { Brokers: ["a:1", "b:1"] },
    { Brokers: ["b:1", "a:1"], FallbackTopic: "x", Compression: "none" },
    { Brokers: ["b:1", "a:1", "b:1"] },
    { Brokers: ["a:1", "b:1"], MaxRetries: 9 },
  ];
  for (const options of several) {
    const filled = withDefaults(flusherKafkaV2, { ...basic, ...options });
    (await flusherKafkaV2.create(filled, made.context, new KeptReport())).open({ key: "s", tags: NO_TAGS });
  }
  assert.equal(made.opened.length, 2);
});

Deno.test("flusher_kafka is the same flusher under its own option names", async () => {
  assert.deepEqual(await problems({ SASLUsername: "u", SASLPassword: "p" }, flusherKafka), []);
  assert.deepEqual(await problems({ SASLUsername: "u" }, flusherKafka), [
    "error SASLPassword KAFKA_LOGIN_INCOMPLETE",
  ]);
  const made = bed();
  const options = withDefaults(flusherKafka, {
    ...basic,
    SASLUsername: "u",
    SASLPassword: "p",
    HashKeys: ["user"],
  });
  const flusher = await flusherKafka.create(options, made.context, new KeptReport());
  flusher.open({ key: "s", tags: NO_TAGS });
  assert.deepEqual(made.opened[0].sasl, { mechanism: "PLAIN", username: "u", password: "p" });
});

Deno.test("flusher_kafka starts from the defaults of flusher_kafka_v2", async () => {
  const made = [bed(), bed()];
  const [older, newer] = [flusherKafka, flusherKafkaV2].map((plugin, i) =>
    plugin.create(withDefaults(plugin, basic), made[i].context, new KeptReport())
  );
  (await older).open({ key: "s", tags: NO_TAGS });
  (await newer).open({ key: "s", tags: NO_TAGS });
  assert.deepEqual(made[0].opened, made[1].opened);
});

Deno.test("flusher_kafka_v2 refuses exactly_once when several threads work, nothing is kept, or brokers need not acknowledge", async () => {
  const codes = async (options: Record<string, unknown>, keeping: Partial<Keeping>) => {
    const { context } = bed();
    const report = new KeptReport();
    const filled = withDefaults(flusherKafkaV2, { ...basic, Delivery: "exactly_once", ...options });
    const kept = { ...context, keeping: { ...context.keeping, ...keeping } };
    await flusherKafkaV2.create(filled, kept, report);
    return report.errors.map(({ path, code }) => `${path} ${code}`);
  };
  assert.deepEqual(await codes({}, {}), []);
  assert.deepEqual(await codes({}, { workers: 2 }), ["Delivery KAFKA_EXACTLY_ONCE_WORKERS"]);
  assert.deepEqual(await codes({}, { outlives: false }), ["Delivery KAFKA_EXACTLY_ONCE_CHECKPOINT"]);
  assert.deepEqual(await codes({ RequiredAcks: 1 }, {}), ["RequiredAcks KAFKA_EXACTLY_ONCE_ACKS"]);
});
