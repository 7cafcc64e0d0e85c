import type { Clock } from "../core/host.ts";
import { RuntimeError } from "../core/runtime.ts";

/**
 * Runs one call to a runtime with a deadline. When it passes, or when `parent` fires, the call's signal fires and
 * the returned promise rejects at once, even if the call itself never ends.
 */
export function withDeadline<T>(
  clock: Clock,
  limitMs: number,
  parent: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = new AbortController();
    const end = (reason: "away" | "timeout", message: string) => {
      cleanUp();
      const error = new RuntimeError(reason, message);
      abort.abort(error);
      reject(error);
    };
    const stop = () => end("away", "The call was cancelled");
    const timer = clock.after(limitMs, () => end("timeout", `No answer within '${limitMs}' ms`));
    const cleanUp = () => {
      timer.cancel();
      parent.removeEventListener("abort", stop);
    };
    if (parent.aborted) return stop();
    parent.addEventListener("abort", stop);
    call(abort.signal).then(
      (value) => (cleanUp(), resolve(value)),
      (error) => (cleanUp(), reject(error)),
    );
  });
}
