import type { FileInfo, Files, FolderEntry, PathView } from "../core/host.ts";
import { fileKey, isSameFile } from "./identity.ts";
import type { PackedFacts } from "./packed_survey.ts";

/** Names that a rotated generation does not have as long as it can be read as it is. */
const COMPRESSED = /\.(gz|zst|bz2|xz|lz4|zip|tmp|swp)$/i;
/** Of these, what rotators make of older generations. */
const PACKED = /\.(gz|zst|bz2|xz|lz4|zip)$/i;
/** The last characters of those. */
const PACKED_ENDS = "zt24pZTP";
/** Names looked at in one folder. */
export const SIBLING_ENTRIES_MAX = 200_000;
/** Smaller folders are looked through name by name. */
const SORTED_ENTRIES_MIN = 256;
/** Looks at siblings until two in a row agree. */
const LOOKS_MAX = 5;

/** A file beside a followed one that may be an older generation, or a copy, of it. */
export interface Sibling {
  readonly path: string;
  /** Of a packed file that was looked through: as if it were unpacked. */
  readonly info: FileInfo;
  /** What the look through a packed file found. */
  readonly packed?: PackedFacts;
}

/** A sibling as it was seen; one that is written again is news. */
export function seenKey({ info }: Pick<Sibling, "info">): string {
  return `${fileKey(info)}:${info.modifiedMs}`;
}

/** Folder and name of a path. */
export function splitPath(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: slash <= 0 ? "/" : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** Path of a name in a folder. */
export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/**
 * Whether a file of this name may have been `base` once: `base.1`, `base-20261122`, `base.saved`. Its bytes must tell: what
 * a name alone says is {@linkcode markOf}.
 */
export function isRotatedName(base: string, name: string): boolean {
  if (name.length <= base.length || COMPRESSED.test(name)) return false;
  if (name.startsWith(base)) return name[base.length] === "." || name[base.length] === "-";
  // `app-20261122.log` beside `app.log`: the part before the last dot begins the name, and the ending is the same.
  const stem = stemOf(base);
  return stem !== null && name.endsWith(base.slice(stem.length)) && name.startsWith(stem) &&
    /^[-._]\d/.test(name.slice(stem.length));
}

/** What a rotator added to a name. */
export interface RotationMark {
  /** The same for all generations of one file: where the mark stands, what is before it, and what it is. */
  readonly style: string;
  /** A number or a date, or -1 where neither tells an age. */
  readonly value: number | string;
  readonly isNumber: boolean;
  /**
   * Whether hardly anything but a rotator gives such names: `.1`, dates, `.old`, `.bak`. `worker-2.log` beside `worker.log`
   * is mostly a log of its own, and so is `app.log.audit`.
   */
  readonly isUsual: boolean;
}

const NUMBER = /^\d{1,5}$/;
/** Dates that begin with the year or end with it, and Unix seconds and milliseconds; the time of day may follow. */
const DATE =
  /^(?:(?:19|20)\d\d(?:[-._](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))|\d\d[-._]\d\d[-._](?:19|20)\d\d|1\d{9}|1\d{12})[-._:T+Z\d]*$/;
const SORTABLE = /^(?:19|20|1\d{9})/;

/** The mark that a rotator added to `base`, as far as names tell; `null` when the file can be none of its generations. */
export function markOf(base: string, name: string): RotationMark | null {
  if (!isRotatedName(base, name)) return null;
  const isBehind = name.startsWith(base);
  const begin = isBehind ? base.length : stemOf(base)!.length;
  const mark = name.slice(begin + 1, isBehind ? undefined : name.length - (base.length - begin));
  const place = `${isBehind ? "" : "stem"}${name[begin]}`;
  if (NUMBER.test(mark)) {
    const value = isBehind ? Number(mark) : -1;
    return { style: `${place}number`, value, isNumber: true, isUsual: place === "." };
  }
  if (DATE.test(mark)) {
    return { style: `${place}date`, value: SORTABLE.test(mark) ? mark : -1, isNumber: false, isUsual: true };
  }
  const isUsual = place === "." && (mark === "old" || mark === "bak");
  return { style: `${place}${mark}`, value: -1, isNumber: false, isUsual };
}

/** `app` of `app.log`; `null` without an ending. */
function stemOf(name: string): string | null {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : null;
}

/** The names of which this one may be a rotated generation, shortest first; see {@linkcode isRotatedName}. */
export function basesOf(name: string): string[] {
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const bases: string[] = [];
  for (let i = 1; i < name.length - 1; i++) {
    if (!".-_".includes(name[i])) continue;
    bases.push(name.slice(0, i));
    if (/\d/.test(name[i + 1])) bases.push(`${name.slice(0, i)}.${ending}`);
  }
  return bases.filter((base) => isRotatedName(base, name));
}

/** Rotated siblings of a file, oldest first. */
export function findSiblings(files: Files, view: PathView, path: string): Sibling[] {
  const { name } = splitPath(path);
  return sortByAge(path, filesBeside(files, view, path, (other) => isRotatedName(name, other)));
}

/** Sorts siblings of a file, oldest first. */
export function sortByAge(path: string, siblings: Sibling[]): Sibling[] {
  const { name } = splitPath(path);
  return siblings.sort((a, b) => compareAge(name, a, b));
}

/** Packed files that may hold the file or its rotated siblings, going by their names. */
export function findPacked(files: Files, view: PathView, path: string): Sibling[] {
  const { name } = splitPath(path);
  return filesBeside(files, view, path, (other) => mayBePacked(name, other));
}

/** Whether a file of this name may be `base`, or a rotated generation of it, packed. */
export function mayBePacked(base: string, name: string): boolean {
  // There may be a thousand logs in a folder, and each looks at all names.
  if (!PACKED_ENDS.includes(name[name.length - 1])) return false;
  const unpacked = unpackedName(name);
  return unpacked !== name && (unpacked === base || markOf(base, unpacked)?.isUsual === true);
}

/** The name before the file was packed. */
export function unpackedName(name: string): string {
  return name.replace(PACKED, "");
}

/**
 * The files beside a path whose names pass a test. A rotation in the middle of the look moves a file from a name that is
 * still to be looked at to one that was: two looks have to agree.
 */
function filesBeside(files: Files, view: PathView, path: string, test: (name: string) => boolean): Sibling[] {
  let seen = lookBeside(files, view, path, test);
  for (let looks = 1; seen.length > 0 && looks < LOOKS_MAX; looks++) {
    const again = lookBeside(files, view, path, test);
    if (isAsSeen(seen, again)) break;
    seen = again;
  }
  return seen.filter((each): each is Sibling => each.info?.kind === "file");
}

/** What the names lead to; `null`: gone since they were listed. */
function lookBeside(
  files: Files,
  view: PathView,
  path: string,
  test: (name: string) => boolean,
): { readonly path: string; readonly info: FileInfo | null }[] {
  const { folder, name: base } = splitPath(path);
  const place = files.resolve(view, folder);
  if (place === null) return [];
  const entries = files.list(place.path, SIBLING_ENTRIES_MAX) ?? [];
  const near = entries.length < SORTED_ENTRIES_MIN ? entries : namesFrom(entries, stemOf(base) ?? base);
  return near.filter(({ kind, name }) => kind === "file" && test(name)).map(({ name }) => ({
    path: joinPath(folder, name),
    info: files.lstat(joinPath(place.path, name)),
  }));
}

/** Large listings, which are remembered and asked for again for each file in them, by name. */
const sorted: WeakMap<FolderEntry[], FolderEntry[]> = new WeakMap();

/** The entries whose names begin so, without a look at each. */
function namesFrom(entries: FolderEntry[], prefix: string): FolderEntry[] {
  let all = sorted.get(entries);
  if (all === undefined) {
    all = entries.toSorted((a, b) => a.name < b.name ? -1 : 1);
    sorted.set(entries, all);
  }
  let low = 0;
  for (let high = all.length; low < high;) {
    const middle = (low + high) >> 1;
    if (all[middle].name < prefix) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < all.length && all[end].name.startsWith(prefix)) end++;
  return all.slice(low, end);
}

function isAsSeen(before: ReturnType<typeof lookBeside>, now: ReturnType<typeof lookBeside>): boolean {
  return before.length === now.length && before.every(({ path, info }, i) => {
    const other = now[i].info;
    return path === now[i].path && info !== null && other !== null && isSameFile(info, other);
  });
}

/**
 * Older ones first. Names say it where they can (numbers count backwards, dates forwards): clocks are set back, and two
 * files may be written in the same millisecond.
 */
function compareAge(base: string, a: Sibling, b: Sibling): number {
  return compareNames(base, a, b) || a.info.modifiedMs - b.info.modifiedMs || (a.path < b.path ? 1 : -1);
}

/** What their names alone say: below 0 when `a` is older than `b`, above 0 when it is younger, 0 when they do not tell. */
export function compareNames(base: string, a: Pick<Sibling, "path">, b: Pick<Sibling, "path">): number {
  const one = markOf(base, unpackedName(splitPath(a.path).name));
  const other = markOf(base, unpackedName(splitPath(b.path).name));
  if (one === null || other === null || one.style !== other.style) return 0;
  if (one.value === -1 || other.value === -1 || one.value === other.value) return 0;
  return (one.value < other.value ? -1 : 1) * (one.isNumber ? -1 : 1);
}
