import { BinaryReader } from "@bufbuild/protobuf/wire";
import { RuntimeError } from "../core/runtime.ts";

/** Reads one field's value from the reader; returns false for a field it does not know. */
export type FieldReader = (field: number, reader: BinaryReader) => void | boolean;

/**
 * Walks over the fields of a message; fields that `onField` answers with false are skipped. Throws RuntimeError when
 * the bytes are no message.
 */
export function readMessage(bytes: Uint8Array, onField: FieldReader): void {
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (onField(field, reader) === false) reader.skip(wireType, field);
    }
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    throw new RuntimeError("failed", "An answer of the runtime cannot be read", { cause: error });
  }
}

/** Follows field numbers through nested messages and hands over the reader at the last one, if it is there. */
export function readNested(
  bytes: Uint8Array,
  path: readonly number[],
  onValue: (reader: BinaryReader) => void,
): void {
  readMessage(bytes, (field, reader) => {
    if (field !== path[0]) return false;
    if (path.length === 1) onValue(reader);
    else readNested(reader.bytes(), path.slice(1), onValue);
  });
}

/** One entry of a `map<string, string>`: `1 key | 2 value`. */
export function readMapEntry(bytes: Uint8Array, into: Map<string, string>): void {
  let key = "";
  let value = "";
  readMessage(bytes, (field, reader) => {
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.string();
    else return false;
  });
  into.set(key, value);
}

/** Nanoseconds since 1970 as milliseconds; 0 stays 0, and so does containerd's "never" (far before 1970). */
export function timeMs(nanoseconds: bigint | string): number {
  const ms = Number(BigInt(nanoseconds) / 1_000_000n);
  return ms > 0 ? ms : 0;
}
