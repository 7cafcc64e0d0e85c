let v8LinearRescue = false;
let linearFlag: boolean | undefined;
let now: (() => number) | undefined;

/**
 * Tells the module what cannot be asked of V8. main calls it once, before any pattern is compiled.
 * `v8LinearRescue`: the process runs with `--enable-experimental-regexp-engine-on-excessive-backtracks`,
 * so that a RegExp which the linear engine accepts can never take more than linear time. `nowMs`: a clock, to notice
 * patterns that are slow on what they get; it decides who matches, never what.
 */
export function configureRe2(
  options: { readonly v8LinearRescue: boolean; readonly nowMs?: () => number },
): void {
  v8LinearRescue = options.v8LinearRescue;
  now = options.nowMs;
}

/** The clock of {@linkcode configureRe2}. */
export function clockOfRe2(): (() => number) | undefined {
  return now;
}

/** Whether `new RegExp(source, "l")` works (`--enable-experimental-regexp-engine`). Asked once. */
export function hasLinearFlag(): boolean {
  linearFlag ??= linearRegExp("a") !== undefined;
  return linearFlag;
}

/** Whether every source which the linear engine accepts is safe on V8. Needs both V8 flags. */
export function isRescued(): boolean {
  return v8LinearRescue && hasLinearFlag();
}

/** A RegExp which always runs on V8's linear engine: slow, no stack; undefined if V8 refuses it. */
export function linearRegExp(source: string): RegExp | undefined {
  try {
    return new RegExp(source, "l");
  } catch {
    return undefined;
  }
}
