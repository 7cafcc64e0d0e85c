import { describeError } from "../../core/errors.ts";
import type { Log } from "../../core/telemetry.ts";
import type { TransactionCalls } from "./transaction_calls.ts";

/**
 * Warns when the topic of resume points is not compacted: brokers would then delete points that still count. Whoever may
 * not see its settings is told nothing: to see them is no right that the flusher needs.
 */
export async function lookAtResumeTopic(
  calls: Pick<TransactionCalls, "cleanupPolicy">,
  at: { readonly node: number; readonly topic: string; readonly bootstrap: string },
  log: Log,
): Promise<void> {
  const { topic } = at;
  let policy: string;
  try {
    policy = await calls.cleanupPolicy(at.node, topic);
  } catch (error) {
    log.debug("It cannot be seen whether the topic of resume points is compacted", {
      topic,
      error: describeError(error),
    });
    return;
  }
  if (policy.split(",").some((one) => one.trim() === "compact")) return;
  log.warn(
    "Topic of resume points is not compacted: brokers will delete points that still count, and lines may come again",
    {
      topic,
      cleanupPolicy: policy,
      remedy: `kafka-configs.sh --bootstrap-server ${at.bootstrap} --alter --entity-type topics ` +
        `--entity-name ${topic} --add-config cleanup.policy=compact`,
    },
  );
}
