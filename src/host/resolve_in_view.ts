import type { FileInfo, HostPlace, OpenRefusal, PathView } from "../core/host.ts";

/** What resolving needs of a file system; `src/host/files.ts` has the real one, tests a virtual one. */
export interface LinkReader {
  /** Host root with its own links resolved; `/` outside a container. */
  readonly hostRoot: string;
  lstat(path: string): FileInfo | null;
  readLink(path: string): string | null;
  /** Whether this is overlay's mark for "deleted": a character device 0/0. */
  isWhiteout(path: string): boolean;
  /**
   * Asked when `lstat` had no answer: whether the path is missing, may not be looked at by this user, or not by this
   * program (`ungranted`).
   */
  whyMissing?(path: string): "missing" | "denied" | "ungranted";
}

/** A path without links, and what lies there. */
export interface Resolved {
  readonly place: HostPlace;
  readonly info: FileInfo;
}

/** Why there is none. */
export interface Refused {
  readonly refused: OpenRefusal;
  readonly detail: string;
}

/** The kernel's own limit (`MAXSYMLINKS`). */
const LINK_HOPS_MAX = 40;

/**
 * Where a folder of the view lies: candidate as the view spells it -> the same without links. `null` for one that is
 * missing, no folder, or hidden by the layer above: nothing below it counts either.
 */
type Level = Map<string, HostPlace | null>;

/**
 * Resolves a path of a view one component at a time, as the kernel would inside the container: an absolute link
 * starts again at the view's root, `..` cannot leave it. The kernel itself must never follow a link for us: below a
 * host root it would end in the agent's own file system.
 *
 * A candidate that does not lie below a candidate of the folder before it is a mount or a layer. Its place comes from
 * the runtime and is trusted, but it may be spelled through links of the host (`/var/lib/docker -> /data/docker`),
 * which are resolved inside the host root.
 */
export function resolveInView(world: LinkReader, view: PathView, path: string): Resolved | Refused {
  return new ViewWalk(world, view, path).run();
}

class ViewWalk {
  readonly #world: LinkReader;
  readonly #view: PathView;
  readonly #path: string;
  #rest: string[];
  #at: string[] = [];
  #levels: Level[] = [];
  #hops = 0;
  /** The link that was followed last, when it may lead away: a missing target is then worth a warning. */
  #strayed = "";
  #found: Resolved | null = null;
  /** The first place where something was missing. */
  #missed = "";

  constructor(world: LinkReader, view: PathView, path: string) {
    this.#world = world;
    this.#view = view;
    this.#path = path;
    this.#rest = components(path);
  }

  run(): Resolved | Refused {
    this.#levels = [this.#rootLevel()];
    while (this.#rest.length > 0) {
      const name = this.#rest.shift()!;
      if (name === "..") {
        this.#up();
        continue;
      }
      const refused = this.#down(name);
      if (refused !== null) return refused;
    }
    return this.#found ?? this.#folderHere();
  }

  #up(): void {
    if (this.#at.length === 0) return;
    this.#at.pop();
    this.#levels.pop();
  }

  #down(name: string): Refused | null {
    const parents = this.#levels[this.#levels.length - 1];
    const level: Level = new Map();
    let first: Resolved | null = null;
    let hidden = false;
    for (const candidate of this.#view.candidates(`/${[...this.#at, name].join("/")}`)) {
      const place: HostPlace | null = hidden ? null : this.#locate(parents, candidate);
      const info: FileInfo | null = place === null
        ? null
        : look(this.#world, place.path, this.#rest.length > 0);
      const isFolder: boolean = info?.kind === "folder";
      level.set(candidate.path, isFolder ? place : null);
      if (place === null || info === null) {
        if (this.#missed === "") this.#missed = place?.path ?? candidate.path;
        continue;
      }
      first ??= { place, info };
      // What is not a folder hides the layers below it.
      hidden = !isFolder;
    }
    if (first?.info.kind === "link") return this.#follow(first.place);
    this.#at.push(name);
    this.#levels.push(level);
    if (first === null || first.info.kind === "folder") return null;
    const deleted = first.info.kind === "other" && this.#world.isWhiteout(first.place.path);
    if (!deleted && this.#rest.length === 0) this.#found = first;
    return null;
  }

  /** Puts the target of a link in front of what is left of the path. */
  #follow(link: HostPlace): Refused | null {
    if (++this.#hops > LINK_HOPS_MAX) {
      return { refused: "loop", detail: `'${this.#path}' goes through more than ${LINK_HOPS_MAX} links` };
    }
    const target = this.#world.readLink(link.path);
    if (target === null) return { refused: "missing", detail: `'${link.path}' is gone` };
    const parts = components(target);
    this.#rest = [...parts, ...this.#rest];
    if (target.startsWith("/")) {
      this.#at = [];
      this.#levels = [this.#rootLevel()];
    }
    if (target.startsWith("/") || parts.includes("..")) this.#strayed = target;
    return null;
  }

  #folderHere(): Resolved | Refused {
    for (const place of this.#levels[this.#levels.length - 1].values()) {
      const info = place === null ? null : this.#world.lstat(place.path);
      if (place !== null && info !== null) return { place, info };
    }
    if (this.#missed !== "" && (this.#world.whyMissing?.(this.#missed) ?? "missing") !== "missing") {
      return { refused: "denied", detail: `'${this.#missed}' may not be looked at` };
    }
    if (this.#strayed === "") return { refused: "missing", detail: `'${this.#path}' does not exist` };
    const detail =
      `'${this.#path}' is a link to '${this.#strayed}', which the view '${this.#view.id}' does not have`;
    return { refused: "outside", detail };
  }

  #rootLevel(): Level {
    const level: Level = new Map();
    for (const candidate of this.#view.candidates("/")) {
      const place = this.#locate(EMPTY, candidate);
      if (place !== null && look(this.#world, place.path, this.#rest.length > 0)?.kind === "folder") {
        level.set(candidate.path, place);
      }
    }
    return level;
  }

  #locate(parents: Level, candidate: HostPlace): HostPlace | null {
    const slash = candidate.path.lastIndexOf("/");
    const parent = parents.get(slash === 0 ? "/" : candidate.path.slice(0, slash));
    if (parent === null) return null;
    const path = parent === undefined
      ? resolveOnHost(this.#world, candidate.path)
      : joinPath(parent.path, candidate.path.slice(slash + 1));
    return path === null ? null : { path, mayStayOpen: candidate.mayStayOpen };
  }
}

const EMPTY: Level = new Map();

/**
 * A program that may read `/var/log` may not look at `/` and `/var`. Those count as folders, unless the path ends there:
 * they belong to the machine, not to a container, and what is opened in the end has to be looked at. What the kernel
 * denies is not among them: a container may close a folder of its own around a link.
 */
function look(world: LinkReader, path: string, goesOn: boolean): FileInfo | null {
  const info = world.lstat(path);
  return info === null && goesOn && world.whyMissing?.(path) === "ungranted" ? FOLDER_ABOVE : info;
}

const FOLDER_ABOVE: FileInfo = {
  kind: "folder",
  sizeBytes: 0,
  modifiedMs: 0,
  device: 0,
  inode: 0,
  links: 1,
};

/**
 * A path that is spelled below the host root, with each link (also a last one) resolved inside the host root; `null`
 * when a part is missing or the links go in circles.
 */
export function resolveOnHost(world: LinkReader, hostPath: string): string | null {
  const root = world.hostRoot;
  let at = root;
  let hops = 0;
  let rest = components(root === "/" || !isBelow(hostPath, root) ? hostPath : hostPath.slice(root.length));
  while (rest.length > 0) {
    const name = rest.shift()!;
    if (name === "..") {
      at = at === root ? root : parentOf(at);
      continue;
    }
    const next = joinPath(at, name);
    const info = look(world, next, rest.length > 0);
    if (info === null) return null;
    if (info.kind !== "link") {
      at = next;
      continue;
    }
    const target = ++hops > LINK_HOPS_MAX ? null : world.readLink(next);
    if (target === null) return null;
    if (target.startsWith("/")) at = root;
    rest = [...components(target), ...rest];
  }
  return at;
}

/** Whether `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** `/a//b/./c` -> `a`, `b`, `c`. */
export function components(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
