/** Inputs that are nearly right: real ones with some pieces cut out, doubled, or replaced. */
import fc from "fast-check";

/** Where, how much is cut out, and what is put there. */
type Edit<T> = readonly [at: number, cut: number, more: T];

function edits<T>(pieces: fc.Arbitrary<T>): fc.Arbitrary<Edit<T>[]> {
  const cut = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(400) });
  return fc.array(fc.tuple(fc.nat(1 << 16), cut, pieces), { maxLength: 5 });
}

/** Damaged texts; `words` are what the language has a meaning for. */
export function damagedText(
  samples: fc.Arbitrary<string>,
  words: readonly string[],
): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom("", ...words), fc.string({ unit: "binary", maxLength: 6 }));
  return fc.tuple(samples, edits(piece)).map(([text, list]) =>
    list.reduce((all, [where, cut, more]) => {
      const at = where % (all.length + 1);
      return all.slice(0, at) + more + all.slice(at + cut);
    }, text)
  );
}

/** Damaged bytes; numbers that protocols use for lengths and signs come more often. */
export function damagedBytes(samples: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.constantFrom(0, 1, 0x0a, 0x7f, 0x80, 0xff), fc.nat(255));
  const piece = fc.array(byte, { maxLength: 5 });
  return fc.tuple(samples, edits(piece)).map(([bytes, list]) =>
    list.reduce((all, [where, cut, more]) => {
      const at = where % (all.length + 1);
      return Uint8Array.from([
        ...all.subarray(0, at),
        ...more,
        ...all.subarray(Math.min(all.length, at + cut)),
      ]);
    }, bytes)
  );
}
