import { bedTest, need } from "../support/system.ts";
import { report } from "../support/verify.ts";
import type { Fault } from "./fault.ts";
import { faults } from "./faults.ts";
import { readFigures } from "./page.ts";
import { ReliabilityBed } from "./reliability_bed.ts";
import { runFault } from "./run_fault.ts";

/**
 * Defines a test for the short form of each fault that is wanted; all of them share one bed. A fault that never ran by
 * hand has no figure and is left out, which the runner counts: `deno task reliability --short --only <id> --write`.
 */
export async function testFaults(wanted: (fault: Fault) => boolean): Promise<void> {
  const bed = new ReliabilityBed();
  const ready = await need("kafka", "namespace");
  const figures = readFigures();
  for (const fault of faults.filter((one) => one.byHand !== true && wanted(one))) {
    const test = bedTest(ready && fault.id in figures);
    test(`${fault.id}: ${fault.fault}`, async () => {
      report(`${fault.id}: ${await runFault(bed, fault, "short")}`);
    });
  }
}
