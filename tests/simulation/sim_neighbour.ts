import { nameTest } from "../../src/tail/path_glob.ts";
import type { PathSelect } from "../../src/core/tailing.ts";
import { BANNER, type Dice, recordText } from "./model.ts";
import type { SimDisk } from "./sim_disk.ts";
import type { SimLane } from "./sim_lane.ts";

/** Names that look as if the files were rotated from `app.log`. */
const NAMES = ["app-2.log", "app.1.log", "app.log-3", "app.log.env", "app.log.json", "app.log-audit"];
/** Names that an exclude list leaves out, of which some are rotators' own. */
const LEFT_OUT = ["app.log.secret", "app.log.old", "app.log.bak"];

/** Whether the exclude lists of all subscriptions leave a path out. */
export function isLeftOut(path: string): boolean {
  return LEFT_OUT.some((name) => path.endsWith(`/${name}`));
}

/** Another program's log in the folder of a source. It is never a generation of it, whatever its name. */
export class SimNeighbour {
  readonly path: string;
  readonly #id: string;
  readonly #disk: SimDisk;
  readonly #dice: Dice;
  readonly #written: string[] = [];
  /** Records that went away with their file. */
  readonly #gone: Set<string> = new Set();
  #isThere = false;

  constructor(
    source: { readonly id: string; readonly folder: string },
    name: string,
    disk: SimDisk,
    dice: Dice,
  ) {
    this.path = `${source.folder}/${name}`;
    this.#id = `${source.id}/${name}`;
    this.#disk = disk;
    this.#dice = dice;
  }

  /** A few of them, or none. */
  static some(
    source: { readonly id: string; readonly folder: string },
    disk: SimDisk,
    dice: Dice,
  ): SimNeighbour[] {
    if (dice.chance(0.5)) return [];
    const names = [...NAMES, ...LEFT_OUT].filter(() => dice.chance(0.4));
    return names.map((name) => new SimNeighbour(source, name, disk, dice));
  }

  write(): void {
    let text = "";
    // Where nothing tells when a file was made, one that gets an inode number and begins as its last file did is that file.
    const mayBeginAlike = this.#disk.memory.tellsBirth || !this.#disk.memory.reuseInodes;
    if (!this.#isThere && this.#dice.chance(0.5) && mayBeginAlike) text = `${BANNER}\n`;
    this.#isThere = true;
    for (let i = this.#dice.below(3); i >= 0; i--) {
      const fill = "y".repeat(this.#dice.below(40));
      text += `${recordText(this.#id, 0, this.#written.length, fill)}\n`;
      this.#written.push(`${this.#id}:${this.#written.length}`);
    }
    this.#disk.memory.append(this.path, text);
  }

  /** Its program begins it anew, as programs do when they start. */
  replace(): void {
    if (!this.#isThere) return;
    this.#disk.memory.unlink(this.path);
    for (const key of this.#written) this.#gone.add(key);
    this.#isThere = false;
    this.write();
  }

  /** What is wrong with how a lane got it. */
  problems(lane: SimLane, select: PathSelect): string[] {
    const isAsked = select.kind === "glob" && !isLeftOut(this.path) &&
      nameTest(select.name)(this.path.slice(this.path.lastIndexOf("/") + 1));
    const problems: string[] = [];
    for (const key of this.#written) {
      const paths = lane.pathsOf.get(key);
      if (!isAsked && paths !== undefined) problems.push(`${lane.name}: nobody asked for ${key}`);
      if (!isAsked) continue;
      if (paths === undefined && !this.#gone.has(key)) problems.push(`${lane.name}: ${key} is lost`);
      if (lane.again.has(key)) problems.push(`${lane.name}: ${key} came again, it was settled and saved`);
      const wrong = [...paths ?? []].find((path) => path !== this.path);
      if (wrong !== undefined) problems.push(`${lane.name}: ${key} came as ${wrong}`);
    }
    return problems;
  }
}
