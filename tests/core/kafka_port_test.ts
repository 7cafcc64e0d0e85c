import assert from "node:assert/strict";
import { kafkaErrorName } from "../../src/core/kafka_port.ts";

Deno.test("kafkaErrorName gives the protocol guide's name, and the number of a code it does not know", () => {
  assert.equal(kafkaErrorName(3), "UNKNOWN_TOPIC_OR_PARTITION");
  assert.equal(kafkaErrorName(10), "MESSAGE_TOO_LARGE");
  assert.equal(kafkaErrorName(31_999), "ERROR_31999");
});
