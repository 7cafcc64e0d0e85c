import type { ParentThread, WorkerThread } from "../core/worker_thread.ts";

/** Longer answers are cut: they are sentences for the own log. */
const ANSWER_BYTES = 4096;
/** What a worker posts: a message, and where an answer is awaited, memory for it. */
type Posted<T> = readonly [message: T, answer?: SharedArrayBuffer];

/*
 * The memory of an answer: 0 or 1 for "it is there" (i32), length of the text (i32), the text in UTF-8.
 */
const HEAD_BYTES = 8;

/**
 * Starts a worker thread. The compiled program holds the module because `deno compile` gets `--include`; under
 * `deno run` it has to be readable. Threads share the process: its permissions, its V8 flags, its figures.
 */
export function startThread<Out, In>(module: URL): WorkerThread<Out, In> {
  const worker = new Worker(module, { type: "module" });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (handle) => {
      worker.onmessage = ({ data }: MessageEvent<Posted<In>>) => {
        const [message, answer] = data;
        handle(message, (text) => answer !== undefined && putAnswer(answer, text));
      };
    },
    onFailure: (handle) => {
      worker.onerror = (event) => {
        // Otherwise Deno ends the process, before anything could be said in the own log.
        event.preventDefault();
        handle(event.message);
      };
      worker.onmessageerror = () => handle("a message could not be read");
    },
    terminate: () => worker.terminate(),
  };
}

/** The way from a worker thread to the one that started it. */
export function parentThread<Out, In>(): ParentThread<Out, In> {
  // The libraries that types are checked with know the main thread only.
  const scope = self as unknown as {
    onmessage: ((event: MessageEvent<In>) => void) | null;
    postMessage(message: Posted<Out>): void;
  };
  const answer = new SharedArrayBuffer(HEAD_BYTES + ANSWER_BYTES);
  return {
    post: (message) => scope.postMessage([message]),
    ask: (message) => {
      const head = new Int32Array(answer, 0, 2);
      Atomics.store(head, 0, 0);
      scope.postMessage([message, answer]);
      Atomics.wait(head, 0, 0);
      // Text is not decoded from shared memory.
      return new TextDecoder().decode(new Uint8Array(answer, HEAD_BYTES, head[1]).slice());
    },
    onMessage: (handle) => {
      scope.onmessage = ({ data }) => handle(data);
    },
  };
}

function putAnswer(answer: SharedArrayBuffer, text: string): void {
  const head = new Int32Array(answer, 0, 2);
  const bytes = new TextEncoder().encode(text).subarray(0, ANSWER_BYTES);
  new Uint8Array(answer, HEAD_BYTES).set(bytes);
  head[1] = bytes.length;
  Atomics.store(head, 0, 1);
  Atomics.notify(head, 0);
}
