import type { Dice } from "./model.ts";
import type { SimSource } from "./sim_source.ts";

/** How many steps bring something that happens amid the agent's own doing. */
const CHANCE_PER_STEP = 0.3;
/** At most this many calls of the agent later. */
const CALLS_MAX = 40;

/**
 * What programs do while the agent is amid something: between a look at a path and its opening, between two looks, between
 * two reads. Without it all that one turn of the agent does is one moment.
 */
export class SimRaces {
  readonly #dice: Dice;
  readonly #sources: readonly SimSource[];
  readonly #said: (line: string) => void;
  /** Calls of the agent until something happens; 0: nothing will. */
  #calls = 0;

  constructor(dice: Dice, sources: readonly SimSource[], said: (line: string) => void) {
    this.#dice = dice;
    this.#sources = sources;
    this.#said = said;
  }

  /** A step of the history begins: perhaps something will happen in its course. */
  arm(): void {
    if (this.#dice.chance(CHANCE_PER_STEP)) this.#calls = 1 + this.#dice.below(CALLS_MAX);
  }

  /** Nothing more happens: the world comes to rest. */
  disarm(): void {
    this.#calls = 0;
  }

  /** Called before each call of the agent to the disk; `path` is what the call is about. */
  meanwhile(path: string): void {
    if (this.#calls === 0 || --this.#calls > 0) return;
    const source = this.#sources.find(({ folder }) => path.startsWith(folder));
    if (source === undefined) return;
    this.#said(`    amid a look at ${path}:`);
    this.move(source);
  }

  /** A program does something to its log. */
  move(source: SimSource): void {
    const roll = this.#dice.below(100);
    if (roll < 25) this.#do(source, "write", () => source.write());
    else if (roll < 60) this.#do(source, "rotate", () => source.rotate());
    else if (roll < 85) {
      this.#do(source, "rotate and write", () => {
        source.rotate();
        source.write();
      });
    } else if (roll < 92) this.#do(source, "copytruncate", () => source.copyTruncate(() => {}));
    else if (roll < 95) this.#do(source, "truncate", () => source.truncate());
    else this.#do(source, "delete", () => source.delete());
  }

  #do(source: SimSource, name: string, job: () => void): void {
    job();
    this.#said(`    ${name} ${source.id}\n    ${source.describe()}`);
  }
}
