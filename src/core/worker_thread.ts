/** Worker threads as the host offers them. Messages are cloned, arrive whole, and in the order in which they were posted. */

/** A worker's way to the thread that started it. */
export interface ParentThread<Out, In> {
  post(message: Out): void;
  /** Posts and stands still until the other thread has answered. */
  ask(message: Out): string;
  /** Set once, before the first message is expected. */
  onMessage(handle: (message: In) => void): void;
}

/** A thread that was started, seen from the one that started it. */
export interface WorkerThread<Out, In> {
  post(message: Out): void;
  /** `answer` has to be called, once, for what was asked; it does nothing for what was posted. */
  onMessage(handle: (message: In, answer: (text: string) => void) => void): void;
  /** Called when an error that nobody caught ended the thread; nothing comes from it any more. */
  onFailure(handle: (reason: string) => void): void;
  terminate(): void;
}
