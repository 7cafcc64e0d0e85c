/**
 * The world for unit tests: a clock that a test moves, and files in memory.
 *
 *     const clock = new VirtualClock();
 *     const files = new MemoryFiles(clock);
 *     files.append("/var/log/app.log", "one\n");
 *     const opened = files.open(hostView("/"), "/var/log/app.log");
 *     clock.advance(100); // or: await clock.run(100), with promises settling in between
 */
export { settle, VirtualClock } from "./virtual_clock.ts";
export { MemoryFiles } from "./memory_files.ts";
export { hostView } from "../../src/core/host_view.ts";
