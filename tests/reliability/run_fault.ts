import type { Fault, Form } from "./fault.ts";
import type { ReliabilityBed } from "./reliability_bed.ts";

/** Runs a fault, shows what the agents said when it fails, and ends them. Gives the figures. */
export async function runFault(bed: ReliabilityBed, fault: Fault, form: Form): Promise<string> {
  try {
    return await fault.run(bed, form);
  } catch (error) {
    const own = `${fault.id}, own logs of the agents:\n${bed.agentLogs()}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(own));
    throw error;
  } finally {
    await bed.endAgents();
  }
}
