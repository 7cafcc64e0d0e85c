import process from "node:process";

/**
 * Replaces `process.env` by an empty plain object. Packages such as `debug` (below dockerode) enumerate it at
 * import, which Deno answers only with unscoped `--allow-env`; they all do well without. Our own settings come
 * through `Deno.env`. Calling it again does nothing.
 */
export function hideEnvironment(): void {
  if (Object.getPrototypeOf(process.env) === null) return;
  Object.defineProperty(process, "env", { value: Object.create(null), configurable: true, writable: true });
}
