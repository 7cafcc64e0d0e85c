import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  readEventTopic,
  readOverlayOptions,
  writeMountsRequest,
  writeSubscribeRequest,
} from "../../src/host/containerd_messages.ts";

Deno.test("writeSubscribeRequest and writeMountsRequest write their fields in order", () => {
  assert.deepEqual([...writeSubscribeRequest(["a", "bc"])], [0x0a, 1, 0x61, 0x0a, 2, 0x62, 0x63]);
  assert.deepEqual([...writeMountsRequest("o", "k")], [0x0a, 1, 0x6f, 0x12, 1, 0x6b]);
});

Deno.test("readEventTopic finds the topic among the other fields", () => {
  const envelope = new BinaryWriter().tag(1, 2).bytes(new Uint8Array([8, 1])).tag(2, 2).string("k8s.io")
    .tag(3, 2).string("/tasks/start").tag(4, 2).bytes(new Uint8Array(3)).finish();
  assert.equal(readEventTopic(envelope), "/tasks/start");
});

Deno.test("readOverlayOptions gives the options of the overlay, null for another kind of mount", () => {
  const mounts = (type: string) => {
    const mount = new BinaryWriter().tag(1, 2).string(type).tag(2, 2).string(type)
      .tag(4, 2).string("upperdir=/u").tag(4, 2).string("lowerdir=/l").finish();
    return new BinaryWriter().tag(1, 2).bytes(mount).finish();
  };
  assert.deepEqual(readOverlayOptions(mounts("overlay")), ["upperdir=/u", "lowerdir=/l"]);
  assert.equal(readOverlayOptions(mounts("bind")), null);
});
