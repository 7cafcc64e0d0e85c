import assert from "node:assert/strict";
import { GrpcChannel } from "../../src/host/grpc.ts";
import { startContainerd } from "../support/containerd.ts";
import { containerd2Version } from "../support/containerd_install.ts";
import { bedTest, need } from "../support/system.ts";
import { within } from "../support/within.ts";

bedTest(await need("containerd"))(
  "startContainerd runs the containerd 2 that was built, and its CRI tells events",
  async () => {
    const containerd = await startContainerd();
    const channel = new GrpcChannel(containerd.socket);
    const feed = new AbortController();
    try {
      assert.match(await containerd.cri.version(), new RegExp(`^containerd v?${containerd2Version}\\b`));
      const first = Promise.withResolvers<void>();
      const method = "/runtime.v1.RuntimeService/GetContainerEvents";
      const watching = channel.stream(method, new Uint8Array(0), () => first.resolve(), feed.signal);
      watching.catch(first.reject);
      await containerd.cri.runPod({ name: "front" });
      await within(10_000, "a container event", first.promise);
      feed.abort();
      await watching;
    } finally {
      channel.close();
      await containerd.teardown();
    }
  },
);
