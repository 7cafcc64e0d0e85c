/** Answers of container runtimes and of Kafka, and rows of the checkpoint. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeRow, encodeRow, type Stored } from "../../src/checkpoint/rows.ts";
import { checkSum } from "../../src/checkpoint/check_sum.ts";
import { PermanentError } from "../../src/core/errors.ts";
import type { DockerInspect } from "../../src/core/runtime.ts";
import { RuntimeError } from "../../src/core/runtime.ts";
import { criContainer, criInfo } from "../../src/discovery/cri_container.ts";
import { dockerContainer } from "../../src/discovery/docker_container.ts";
import { addressInHostsFile } from "../../src/discovery/hosts_file.ts";
import { overlayAtRoot, parseMountinfo } from "../../src/discovery/mountinfo.ts";
import { staticContainers } from "../../src/discovery/static_info.ts";
import * as containerd from "../../src/host/containerd_messages.ts";
import * as cri from "../../src/host/cri_messages.ts";
import { grpcFrame, GrpcFrames } from "../../src/host/grpc_frames.ts";
import { decodeInitProducerId, decodeMetadata, decodeProduce } from "../../src/host/kafka_messages.ts";
import { decodeTopicSetting } from "../../src/host/kafka_transactions.ts";
import { savedLane } from "../support/lanes.ts";
import { type CriFixture, type DockerFixture, fixture, messageOf } from "../support/runtime_fixtures.ts";
import { damagedBytes, damagedText } from "./damaged.ts";
import { allowing, type FuzzTarget, target } from "./target.ts";

const criAnswers = ["containerd_1_6", "containerd_2_4"].flatMap((name) => {
  const { answers, events } = fixture<CriFixture>(name);
  return [...Object.values(answers), ...events].filter((text) => !text.startsWith("status ")).map(messageOf);
});
const docker = fixture<DockerFixture>("docker_20_10");

/** Big-endian parts of an answer of Kafka; a text has its length in front. */
function kafka(...parts: (readonly [bytes: number, value: number] | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => {
    const [size, value] = typeof part === "string" ? [2, part.length] : part;
    const number = Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) & 255);
    return typeof part === "string" ? [...number, ...new TextEncoder().encode(part)] : number;
  }));
}

const kafkaAnswers = [
  kafka(
    ...([[4, 0], [4, 1], [4, 1], "broker", [4, 9092], [2, 0xffff], "cluster", [4, 1]] as const),
    ...([[4, 1], [2, 0], "logs", [1, 0], [4, 1], [2, 0], [4, 0], [4, 1], [4, 1], [4, 1], [4, 1], [
      4,
      1,
    ]] as const),
  ),
  kafka([4, 1], "logs", [4, 1], [4, 0], [2, 0], [8, 7], [8, 0], [8, 0], [4, 0]),
  kafka([4, 0], [2, 0], [8, 4000], [2, 3]),
  kafka(
    ...([[4, 0], [4, 1], [2, 0], [2, 0xffff], [1, 2], "logs", [4, 1], "cleanup.policy", "compact"] as const),
    ...([[1, 0], [1, 1], [1, 0], [4, 0]] as const),
  ),
];

/** How many values an answer became. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + sizeOf(one), value.length);
  if (value instanceof Map) return value.size;
  return value !== null && typeof value === "object" ? sizeOf(Object.values(value)) : 0;
}

const stored: fc.Arbitrary<Stored> = fc.oneof(
  fc.record({ kind: fc.constant("born" as const), bornMs: fc.nat() }),
  fc.record({
    kind: fc.constant("pipeline" as const),
    name: fc.string({ unit: "binary" }),
    firstSeenMs: fc.nat(),
  }),
  fc.record(
    { kind: fc.constant("note" as const), name: fc.string(), text: fc.string({ unit: "binary" }) },
  ),
  fc.tuple(fc.nat(9), fc.nat()).map(([n, at]) => ({ kind: "lane" as const, lane: savedLane(n, at) })),
).map((row) => ({ ...row }));

const criReaders = [
  cri.readVersion,
  cri.readContainers,
  cri.readSandboxes,
  cri.readSandboxNetwork,
  cri.readStatus,
  containerd.readEventTopic,
  containerd.readOverlayOptions,
] as const;

const context = {
  info: criInfo(new Map()),
  sandbox: undefined,
  ip: "",
  hostName: "",
  upperDir: "",
  lowerDirs: [],
  mergedRoot: "",
};

export const answerTargets: readonly FuzzTarget[] = [
  target(
    "cri answers",
    "protobuf of a runtime: read, or refused as a failed answer; never more than its bytes can hold",
    damagedBytes(fc.oneof(fc.constantFrom(...criAnswers), fc.uint8Array({ maxLength: 64 }))),
    (bytes) => {
      for (const read of criReaders) {
        allowing([RuntimeError], () => assert.ok(sizeOf(read(bytes)) <= 8 * bytes.length + 40));
      }
      allowing([RuntimeError], () => {
        const status = cri.readStatus(bytes);
        if (status !== null) criContainer(status, { ...context, info: criInfo(status.info) });
      });
    },
  ),
  target(
    "grpc frames",
    "a stream cut anywhere: the messages that were framed, or a failed answer",
    fc.tuple(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
      fc.array(fc.nat(9), { minLength: 1 }),
    ),
    ([messages, cuts]) => {
      const bytes = Uint8Array.from(messages.flatMap((message) => [...grpcFrame(message)]));
      const frames = new GrpcFrames();
      const got: Uint8Array[] = [];
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const size = 1 + cuts[n % cuts.length];
        got.push(...frames.push(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(got.map((one) => [...one]), messages.map((one) => [...one]));
    },
  ),
  target(
    "grpc damage",
    "damaged frames: a failed answer, nothing else",
    damagedBytes(fc.constantFrom(...criAnswers.map(grpcFrame))),
    (bytes) => allowing([RuntimeError], () => void new GrpcFrames().push(bytes)),
  ),
  target(
    "kafka answers",
    "what a broker answers: read, or the error for an answer that ends too early; never more than its bytes can hold",
    fc.tuple(
      damagedBytes(fc.oneof(fc.constantFrom(...kafkaAnswers), fc.uint8Array({ maxLength: 64 }))),
      fc.integer({ min: 3, max: 7 }),
    ),
    ([bytes, version]) => {
      const decoders = [
        decodeMetadata,
        decodeInitProducerId,
        (all: Uint8Array) => decodeProduce(all, version),
        (all: Uint8Array) => decodeTopicSetting(all, "cleanup.policy"),
      ];
      for (const decode of decoders) {
        allowing([RangeError], () => assert.ok(sizeOf(decode(bytes)) <= 4 * bytes.length + 40));
      }
    },
  ),
  target(
    "docker answers",
    "an inspection with anything missing or of another type: a container, or an error that discovery counts",
    damagedText(
      fc.constantFrom(...Object.values(docker.inspects).map((inspect) => JSON.stringify(inspect))),
      ["null", "{}", "[]", '""', "1", "true", '"', ",", '"Labels":null', '{"a":1}'],
    ),
    (text) => {
      let inspect: unknown;
      try {
        inspect = JSON.parse(text);
      } catch {
        return;
      }
      if (inspect === null || typeof inspect !== "object") return;
      const none = { podLabels: new Map(), imageTags: [], fallbackIp: "" };
      allowing([TypeError], () => void dockerContainer(inspect as DockerInspect, none));
    },
  ),
  target(
    "facts of the host",
    "mountinfo, hosts files and static container info: read, or one named error",
    damagedText(
      fc.constantFrom(
        "36 35 98:0 /m /n rw master:1 - overlay overlay rw,lowerdir=/a:/b,upperdir=/u\n".repeat(3),
        "127.0.0.1 localhost\n10.0.0.7 pod-1 pod-1.svc\n",
        '[{"ID":"a","Name":"app","Labels":{"a":"b"},"Mounts":[{"Source":"/a","Destination":"/b"}],"State":{"Pid":1}}]',
      ),
      ["\\040", "\\", " - ", "/", ":", "null", "[]", "{}", "1", '"ID":""', "\n", "\t"],
    ),
    (text) => {
      parseMountinfo(text);
      overlayAtRoot(text);
      addressInHostsFile(text, "pod-1");
      allowing([PermanentError], () => void staticContainers(text, { hostName: "h", ip: "1.1.1.1" }));
    },
  ),
  target(
    "checkpoint rows",
    "rows come back as they were written; a damaged one is none, and so is JSON of another shape",
    fc.tuple(stored, fc.nat(99), fc.nat(9999), fc.string({ unit: "binary", maxLength: 3 }), fc.json()),
    ([row, id, at, more, other]) => {
      const encoded = encodeRow(id, row);
      assert.deepEqual(decodeRow(encoded), row);
      const cut = at % encoded.body.length;
      const body = encoded.body.slice(0, cut) + more + encoded.body.slice(cut + more.length);
      assert.deepEqual(decodeRow({ ...encoded, body }), body === encoded.body ? row : null);
      decodeRow({ id, body: other, sum: checkSum(`${id}${other}`) });
    },
  ),
];
