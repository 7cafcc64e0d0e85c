/**
 * The few messages of the CRI that the test driver speaks, written field by field.
 * Source of the field numbers: `runtime.v1` of Kubernetes' cri-api.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A value of a message: text, number (varint), bytes, or a nested message. Empty ones are left out. */
type Field = string | number | boolean | Uint8Array | undefined;

/** Encodes fields by number; arrays are repeated fields. */
export function message(fields: Record<number, Field | Field[]>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) writeField(writer, Number(number), one);
  }
  return writer.finish();
}

function writeField(writer: BinaryWriter, number: number, value: Field): void {
  if (value === undefined || value === false || value === 0) return;
  if (typeof value === "string") writer.tag(number, WireType.LengthDelimited).string(value);
  else if (value instanceof Uint8Array) writer.tag(number, WireType.LengthDelimited).bytes(value);
  else writer.tag(number, WireType.Varint).int64(value === true ? 1 : value);
}

/** A `map<string, string>`: one entry message (key 1, value 2) per pair. */
export function stringMap(values: Record<string, string>): Uint8Array[] {
  return Object.entries(values).map(([key, value]) => message({ 1: key, 2: value }));
}

/** Decoded fields by number, each with all its occurrences: bytes, or a number for varints. */
export class Fields {
  private readonly values = new Map<number, (Uint8Array | number)[]>();

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (type === WireType.LengthDelimited) this.add(number, reader.bytes());
      else if (type === WireType.Varint) this.add(number, Number(reader.int64()));
      else reader.skip(type, number);
    }
  }

  private add(number: number, value: Uint8Array | number): void {
    this.values.set(number, [...this.values.get(number) ?? [], value]);
  }

  /** A field's bytes; empty when it is absent. */
  bytes(number: number): Uint8Array {
    return (this.values.get(number)?.[0] ?? new Uint8Array()) as Uint8Array;
  }

  /** A string field. */
  text(number: number): string {
    return new TextDecoder().decode(this.bytes(number));
  }

  /** An integer field; 0 when it is absent. */
  number(number: number): number {
    return (this.values.get(number)?.[0] ?? 0) as number;
  }

  /** A nested message. */
  nested(number: number): Fields {
    return new Fields(this.bytes(number));
  }

  /** All occurrences of a repeated message. */
  repeated(number: number): Fields[] {
    return (this.values.get(number) ?? []).map((bytes) => new Fields(bytes as Uint8Array));
  }

  /** A `map<string, string>`. */
  map(number: number): Record<string, string> {
    return Object.fromEntries(this.repeated(number).map((entry) => [entry.text(1), entry.text(2)]));
  }
}
