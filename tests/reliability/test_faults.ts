import { bedTest, need } from "../support/system.ts";
import { report } from "../support/verify.ts";
import type { Fault } from "./fault.ts";
import { faults } from "./faults.ts";
import { ReliabilityBed } from "./reliability_bed.ts";
import { runFault } from "./run_fault.ts";

/** Defines a test for the short form of each fault that is wanted; all of them share one bed. */
export async function testFaults(wanted: (fault: Fault) => boolean): Promise<void> {
  const bed = new ReliabilityBed();
  const test = bedTest(await need("kafka", "namespace"));
  for (const fault of faults.filter(wanted)) {
    test(`${fault.id}: ${fault.fault}`, async () => {
      report(`${fault.id}: ${await runFault(bed, fault, "short")}`);
    });
  }
}
