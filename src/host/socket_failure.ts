import { RuntimeError } from "../core/runtime.ts";
import { granted } from "./granted.ts";

/**
 * What went wrong on a unix socket as a RuntimeError: `denied` for file permissions and for Deno's own (which Deno 2.4
 * does not name), `away` for everything that a restarted daemon cures.
 */
export function socketFailure(error: unknown, socket: string): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const denied = code === "EACCES" || code === "EPERM" || name === "NotCapable" ||
    name === "PermissionDenied" || !granted("write", socket);
  return denied
    ? new RuntimeError("denied", `No permission to use the socket '${socket}'`, { cause: error })
    : new RuntimeError("away", `No answer from the socket '${socket}'`, { cause: error });
}
