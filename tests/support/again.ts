import { sleep } from "./process.ts";

/**
 * Does what the world may spoil (a download, a daemon's start) up to three times, and says so each time. For the bed
 * only: what is under test has one try.
 */
export async function again<T>(what: string, job: () => Promise<T>, pauseMs = 3_000): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await job();
    } catch (error) {
      if (tries === 3) throw error;
      const line = `${what} failed and is tried again: ${(error as Error).message}\n`;
      Deno.stderr.writeSync(new TextEncoder().encode(line));
      await sleep(pauseMs);
    }
  }
}
