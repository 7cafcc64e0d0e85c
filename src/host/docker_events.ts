import type { RuntimeHint } from "../core/runtime.ts";
import { socketFailure } from "./socket_failure.ts";

/** Events after which a container differs from what was inspected. `destroy` only calls for a list. */
const EVENTS = ["start", "restart", "rename", "die", "destroy", "update"];

/** A line is a few KiB; labels may make it longer. */
const LINE_CHARS_MAX = 1024 * 1024;

/**
 * Follows `GET /events`: one JSON object a line. Resolves when the signal fires or the daemon ends the stream,
 * throws RuntimeError when the connection breaks. Nothing is replayed: a list follows each new connection.
 */
export async function watchDocker(
  socket: string,
  onHint: RuntimeHint,
  signal: AbortSignal,
): Promise<"ended" | "unsupported"> {
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  try {
    const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: EVENTS }));
    const response = await fetch(`http://docker/events?filters=${filters}`, { client, signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return "unsupported";
    }
    await readLines(response.body, (line) => onEvent(line, onHint));
    return "ended";
  } catch (error) {
    if (signal.aborted) return "ended";
    throw socketFailure(error, socket);
  } finally {
    client.close();
  }
}

function onEvent(line: string, onHint: RuntimeHint): void {
  const event = JSON.parse(line) as { Action?: string; Actor?: { ID?: string } };
  onHint(event.Action === "destroy" ? undefined : event.Actor?.ID);
}

async function readLines(body: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    if (rest.length > LINE_CHARS_MAX) throw new Error("An event line is too long");
    for (const line of lines) if (line.trim() !== "") onLine(line);
  }
}
