/** The short forms of the faults that measure; `deno task reliability` runs the full ones. */
import { testFaults } from "./test_faults.ts";

await testFaults((fault) => fault.measures === true);
