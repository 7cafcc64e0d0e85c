import type { Files, Opened, OpenFile, PathView } from "../../src/core/host.ts";
import type { MemoryFiles } from "../support/memory_files.ts";
import type { Gen } from "./model.ts";

/**
 * The virtual disk with its bookkeeping: which generation lies under which name, and which are held open by the agent.
 * A crash closes every descriptor, as the kernel does.
 */
export class SimDisk {
  readonly memory: MemoryFiles;
  /** Generations whose bytes still exist, by inode. */
  readonly live: Map<number, Gen> = new Map();
  readonly #nameless: Set<Gen> = new Set();
  readonly #open: Map<OpenFile, Gen | undefined> = new Map();
  /** Called before each call of the agent, with the path that it is about. */
  meanwhile: ((path: string) => void) | null = null;

  constructor(memory: MemoryFiles) {
    this.memory = memory;
  }

  /** The disk as the agent sees it. */
  agentFiles(): Files {
    const memory = this.memory;
    const files: Files = Object.create(memory, {
      open: { value: (view: PathView, path: string): Opened => this.#openFor(view, path) },
      // There are no links on this disk, so nothing has to be resolved: a third of the time of a history went there.
      resolve: {
        value: (view: PathView, path: string) =>
          view.candidates(path).find((place) => memory.lstat(place.path) !== null) ?? null,
      },
    });
    for (
      const name of [
        "stat",
        "readLink",
        "readText",
        "isRemote",
        "watchFolder",
      ] as const
    ) {
      Object.defineProperty(files, name, { value: memory[name].bind(memory) });
    }
    for (const name of ["lstat", "list"] as const) {
      Object.defineProperty(files, name, {
        value: (path: string, ...rest: never[]) => {
          this.meanwhile?.(path);
          return memory[name](path, ...rest);
        },
      });
    }
    return files;
  }

  /** The generation a name leads to. */
  at(path: string): Gen | undefined {
    const info = this.memory.lstat(path);
    return info === null ? undefined : this.live.get(info.inode);
  }

  /** Descriptors of the dead process are closed. Returns generations that are gone with them. */
  crash(): Gen[] {
    const freed: Gen[] = [];
    for (const [file, gen] of [...this.#open]) {
      file.close();
      if (gen?.gone) freed.push(gen);
    }
    return freed;
  }

  /** Generations without a name, whether still open or not. */
  nameless(): Iterable<Gen> {
    return this.#nameless;
  }

  get openCount(): number {
    return this.#open.size;
  }

  #openFor(view: PathView, path: string): Opened {
    this.meanwhile?.(path);
    const opened = this.memory.openAt(view.candidates(path));
    if ("refused" in opened) return opened;
    const { file } = opened;
    const gen = this.live.get(file.info().inode);
    if (gen !== undefined) gen.opens++;
    const wrapped: OpenFile = {
      hostPath: file.hostPath,
      read: (into, begin, length, at) => {
        this.meanwhile?.(file.hostPath);
        return file.read(into, begin, length, at);
      },
      readSlowly: (into, begin, length, at) => file.readSlowly(into, begin, length, at),
      info: () => file.info(),
      close: () => {
        file.close();
        this.#open.delete(wrapped);
        if (gen === undefined) return;
        gen.opens--;
        this.settle(gen);
      },
    };
    this.#open.set(wrapped, gen);
    return { file: wrapped, mayStayOpen: opened.mayStayOpen };
  }

  /** Forgets a generation without name and descriptor: its inode number is free. */
  settle(gen: Gen): boolean {
    if (gen.path !== null) return false;
    this.#nameless.add(gen);
    if (gen.opens > 0 || gen.gone) return false;
    gen.gone = true;
    if (this.live.get(gen.inode) === gen) this.live.delete(gen.inode);
    return true;
  }
}
