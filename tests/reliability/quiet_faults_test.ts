/** The short forms of the faults that other suites may run beside. */
import { testFaults } from "./test_faults.ts";

await testFaults((fault) => fault.measures !== true);
