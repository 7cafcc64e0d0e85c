import type { Timer } from "../core/host.ts";
import type { Pace } from "../tail/tail_options.ts";
import { CpuGovernor } from "../telemetry/cpu_governor.ts";
import { MemoryGovernor } from "../telemetry/memory_governor.ts";
import type { ByteBudget } from "./budget.ts";
import type { AgentOptions, World } from "./options.ts";
import { Quiet } from "./quiet.ts";

const SAMPLE_EVERY_MS = 1_000;
/** The least budget with which the agent still moves. */
const SMALLEST_BUDGET_BYTES = 256 * 1024;

/**
 * The limits on CPU and memory, as the tail and the budget feel them: exceeding is answered by slower reading. Memory
 * that a rush of work left behind is given back when it is over.
 */
export class Limits implements Pace {
  readonly #world: World;
  readonly #budget: ByteBudget;
  readonly #cpu: CpuGovernor;
  readonly #memory: MemoryGovernor;
  readonly #quiet = new Quiet();
  readonly #resumed: () => void;
  #mayRead = true;
  #timer: Timer | null = null;

  /** `resumed` is called when reading is allowed again. */
  constructor(options: AgentOptions, world: World, budget: ByteBudget, resumed: () => void) {
    this.#world = world;
    this.#budget = budget;
    this.#resumed = resumed;
    this.#cpu = new CpuGovernor(options.cpuLimitCores);
    this.#memory = new MemoryGovernor({
      limitBytes: options.memoryLimitMb === null ? null : options.memoryLimitMb * 1024 * 1024,
      fullBudgetBytes: options.budgetBytes,
      smallestBudgetBytes: SMALLEST_BUDGET_BYTES,
    });
  }

  start(): void {
    this.#timer = this.#world.clock.after(0, () => this.#sample());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  turnMs(): number {
    return this.#cpu.turnMs();
  }

  waitMs(): number {
    return this.#cpu.pauseMs(this.#world.process.cpuSeconds() * 1000, this.#world.clock.monotonicMs());
  }

  readingAllowed(): boolean {
    return this.#mayRead;
  }

  #sample(): void {
    const { clock, process, log } = this.#world;
    const heldBytes = this.#budget.usedBytes;
    const nowMs = clock.monotonicMs();
    if (this.#quiet.begins(heldBytes, nowMs)) process.collectGarbage();
    const ruling = this.#memory.rule({ rssBytes: process.rssBytes(), heldBytes, nowMs });
    if (ruling.floorBytes !== null) {
      log.warn("Memory limit is below what the process needs at rest, going on with the smallest budget", {
        floorMb: Math.ceil(ruling.floorBytes / (1024 * 1024)),
      });
    }
    this.#budget.bytesMax = ruling.budgetBytes;
    const resumes = ruling.mayRead && !this.#mayRead;
    this.#mayRead = ruling.mayRead;
    if (resumes) this.#resumed();
    this.#timer = clock.after(SAMPLE_EVERY_MS, () => this.#sample());
  }
}
