/** The short form of each fault; `deno task reliability` runs the full ones. */
import { bedTest, need } from "../support/system.ts";
import { report } from "../support/verify.ts";
import { faults } from "./faults.ts";
import { ReliabilityBed } from "./reliability_bed.ts";
import { runFault } from "./run_fault.ts";

const bed = new ReliabilityBed();
const test = bedTest(await need("kafka", "namespace"));

for (const fault of faults) {
  test(`${fault.id}: ${fault.fault}`, async () => {
    report(`${fault.id}: ${await runFault(bed, fault, "short")}`);
  });
}
