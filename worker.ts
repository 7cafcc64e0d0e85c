/**
 * A worker thread of the program, see `--workers`: the same parts as main.ts, without signals and command line. The main
 * thread tells it what to do.
 */
import { HostProcess } from "./src/host/process.ts";
import { parentThread } from "./src/host/worker_threads.ts";

const { hideEnvironment } = await import("./src/host/plain_env.ts");
// Packages ask at their import for variables that the program may not read.
hideEnvironment();
const { runWorker } = await import("./src/cli/workers/agent_worker.ts");
const { PLUGINS } = await import("./src/plugins.ts");
const { hostKit } = await import("./src/host/host_kit.ts");
const { configureRe2 } = await import("./src/base/re2/compile.ts");
const { systemClock } = await import("./src/host/clock.ts");
configureRe2({ v8LinearRescue: true, nowMs: systemClock.wallMs });
runWorker(parentThread(), hostKit(new HostProcess(true)), PLUGINS);
