import type { ProducerServices } from "./producer_settings.ts";

/** The one line about a flusher that another agent has pushed out. */
export function sayFenced({ log, name }: ProducerServices, transactionalId: string, reason: string): void {
  log.error(
    "Kafka flusher is stopped for good: another agent writes under its transactional id; lines wait in their files. " +
      "Give each agent a checkpoint folder of its own, never a copy, and start this one again",
    { code: "PRODUCER_FENCED", client: name, transactionalId, reason },
  );
}
