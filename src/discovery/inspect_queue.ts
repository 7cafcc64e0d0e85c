/** Inspections that run at the same time; enough for a full node, few enough for a busy daemon. */
const INSPECTIONS_AT_ONCE = 8;

/** Runs `job` for all items, some at a time. The first rejection is passed on after the running ones ended. */
export async function inspectAll<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    try {
      while (next < items.length) await job(items[next++]);
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  const workers = Array.from({ length: Math.min(INSPECTIONS_AT_ONCE, items.length) }, worker);
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === "rejected") throw result.reason;
  }
}
