/** What a fuzzing target is, and how one is run. */
import assert from "node:assert/strict";
import fc from "fast-check";

/** One parser under fire. Its check throws when a property does not hold. */
export interface FuzzTarget {
  readonly name: string;
  /** Why its input is foreign, and what holds. */
  readonly summary: string;
  property(): fc.IProperty<unknown>;
}

/** No input here is longer than a few KiB: whatever takes longer than this is not linear. Busy machines are slow. */
const INPUT_LIMIT_MS = 3_000;

/** A target of inputs and a check of one input; an input that takes long fails, too. */
export function target<T>(
  name: string,
  summary: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => void,
): FuzzTarget {
  const timed = (input: T) => {
    const began = performance.now();
    check(input);
    const tookMs = performance.now() - began;
    assert.ok(tookMs < INPUT_LIMIT_MS, `one input took ${Math.round(tookMs)} ms`);
  };
  return { name, summary, property: () => fc.property(inputs, timed) as fc.IProperty<unknown> };
}

/** What came of one run. */
export interface FuzzResult {
  readonly runs: number;
  /** The smallest failing input, the error, and how to see it again; `null` when all held. */
  readonly failure: string | null;
}

/** Tries inputs for about `ms`. The same seed tries the same inputs. */
export function runTarget({ name, property }: FuzzTarget, ms: number, seed: number): FuzzResult {
  const details = fc.check(property(), {
    seed,
    numRuns: 2 ** 31 - 1,
    interruptAfterTimeLimit: ms,
    markInterruptAsFailure: false,
  });
  const failure = details.failed
    ? `${name}: ${fc.defaultReportMessage(details as fc.RunDetails<unknown>)}\n${reasonOf(details)}\n` +
      `See it again: deno task fuzz --only '${name}' --seed ${seed}`
    : null;
  return { runs: details.numRuns, failure };
}

function reasonOf({ errorInstance }: { readonly errorInstance: unknown }): string {
  return errorInstance instanceof Error
    ? errorInstance.stack ?? errorInstance.message
    : String(errorInstance);
}

/** The check may throw errors of these classes, and no other ones. */
export function allowing(
  // deno-lint-ignore no-explicit-any
  classes: readonly (abstract new (...args: any[]) => Error)[],
  work: () => void,
): void {
  try {
    work();
  } catch (error) {
    if (!classes.some((one) => error instanceof one)) throw error;
  }
}
