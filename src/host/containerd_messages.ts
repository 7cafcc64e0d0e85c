/** Messages of containerd's own services (github.com/containerd/containerd/api), beside CRI on the same socket. */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { readMessage } from "./protobuf_fields.ts";

/** SubscribeRequest: `1 filters…`. */
export function writeSubscribeRequest(filters: readonly string[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const filter of filters) writer.tag(1, 2).string(filter);
  return writer.finish();
}

/** Envelope: `1 timestamp | 2 namespace | 3 topic | 4 event`. Returns the topic, for instance `/tasks/start`. */
export function readEventTopic(bytes: Uint8Array): string {
  let topic = "";
  readMessage(bytes, (field, reader) => {
    if (field !== 3) return false;
    topic = reader.string();
  });
  return topic;
}

/** MountsRequest: `1 snapshotter | 2 key`. */
export function writeMountsRequest(snapshotter: string, key: string): Uint8Array {
  return new BinaryWriter().tag(1, 2).string(snapshotter).tag(2, 2).string(key).finish();
}

/**
 *     MountsResponse   1 mounts…
 *     Mount            1 type | 2 source | 3 target | 4 options…
 *
 * Returns the options of the overlay mount, `null` when the snapshot is mounted otherwise.
 */
export function readOverlayOptions(bytes: Uint8Array): readonly string[] | null {
  let found: readonly string[] | null = null;
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    const mount = { type: "", options: [] as string[] };
    readMessage(reader.bytes(), (part, inner) => {
      if (part === 1) mount.type = inner.string();
      else if (part === 4) mount.options.push(inner.string());
      else return false;
    });
    if (mount.type === "overlay") found = mount.options;
  });
  return found;
}
