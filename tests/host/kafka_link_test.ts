import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { RetriableError } from "../../src/core/errors.ts";
import { KafkaLink } from "../../src/host/kafka_link.ts";
import type { JsCluster, JsRequest } from "../../src/host/kafkajs_parts.ts";

type Written = (error?: Error) => void;

/** A connection whose kernel takes bytes when the test says so. */
class SlowSocket extends EventEmitter {
  readonly writes: { frame: Uint8Array; written?: Written }[] = [];
  write(frame: Uint8Array, written?: Written): boolean {
    this.writes.push({ frame, written });
    return false;
  }
  destroy(): void {}
}

/** A link over kafkajs' objects as far as the link knows them. */
function linkTo(socket: SlowSocket) {
  let id = 0;
  const requestQueue = {
    pending: [],
    push({ entry, expectResponse, sendRequest }: JsRequest) {
      sendRequest();
      if (!expectResponse) entry.resolve({ payload: null });
    },
    rejectAll() {},
    maybeThrottle() {},
    destroy() {},
  };
  const connection = {
    socket,
    sasl: undefined,
    requestQueue,
    isConnected: () => true,
    isAuthenticated: () => true,
    nextCorrelationId: () => id++,
  };
  const broker = { connectionPool: { pool: [connection] }, versions: {}, connect: () => Promise.resolve() };
  const cluster = {
    connectionPoolBuilder: { build: () => Promise.resolve({}) },
    brokerPool: { createBroker: () => broker },
  } as unknown as JsCluster;
  const link = new KafkaLink("k", 1, () => Promise.resolve(cluster), 10_000);
  const send = () => {
    let outcome = "open";
    link.send({
      api: { key: 0, name: "Produce" },
      version: () => 7,
      frame: () => new Uint8Array([1]),
      expectsAnswer: false,
      timeoutMs: 10_000,
    }).then(() => outcome = "done", (error) => outcome = error.code);
    return () => outcome;
  };
  return { link, send };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("KafkaLink.send is over only when the kernel has the bytes if no answer is expected", async () => {
  const socket = new SlowSocket();
  const { link, send } = linkTo(socket);
  const outcome = send();
  await soon();
  assert.equal(socket.writes.length, 1);
  assert.equal(outcome(), "open");
  socket.writes[0].written!();
  await soon();
  assert.equal(outcome(), "done");
  link.destroy(new RetriableError("KAFKA_CLOSED", "Closed"));
});

Deno.test("KafkaLink.send rejects when the connection ends before the kernel has the bytes", async () => {
  const socket = new SlowSocket();
  const { link, send } = linkTo(socket);
  const [first, second] = [send(), send()];
  await soon();
  socket.writes[0].written!(new Error("EPIPE"));
  await soon();
  assert.equal(first(), "KAFKA_CONNECTION");
  link.destroy(new RetriableError("KAFKA_CLOSED", "Closed"));
  await soon();
  assert.equal(second(), "KAFKA_CLOSED");
});
