/**
 * Gives a promise a time limit, for tests that wait for the world: a child process, a socket, a daemon. Rejects with what
 * was waited for, and with `detail` (say, a child's standard error) when there is one. The promise itself goes on.
 */
export async function within<T>(
  limitMs: number,
  what: string,
  promise: Promise<T>,
  detail: () => string = () => "",
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const more = detail();
      reject(new Error(`gave up after ${limitMs} ms waiting for ${what}${more === "" ? "" : `:\n${more}`}`));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
