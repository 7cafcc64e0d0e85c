/**
 * Which file system a path lies on, from `/proc/self/mountinfo` of the host's proc (kernel,
 * Documentation/filesystems/proc.rst 3.5). It shows the mounts of this process, spelled as this process uses them,
 * so paths below the host root are found as they are.
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     id up dev  root  point options    tags…    - type source    super options
 */
export class MountTable {
  readonly #types: Map<string, string> = new Map();

  constructor(mountinfo: string) {
    for (const line of mountinfo.split("\n")) {
      const fields = line.split(" ");
      const dash = fields.indexOf("-", 6);
      if (dash < 0 || dash + 1 >= fields.length) continue;
      // Of mounts stacked on one point the last one is seen.
      this.#types.set(unescapeOctal(fields[4]), fields[dash + 1]);
    }
  }

  /** Type of the file system at the longest mount point above the path, "" if unknown. */
  typeOf(path: string): string {
    for (let at = path; at !== "";) {
      const type = this.#types.get(at);
      if (type !== undefined) return type;
      at = at.slice(0, at.lastIndexOf("/"));
    }
    return this.#types.get("/") ?? "";
  }
}

/** File systems whose reads may hang on a network or on another process. */
const REMOTE = new Set([
  "nfs",
  "nfs4",
  "cifs",
  "smb3",
  "smbfs",
  "9p",
  "afs",
  "ceph",
  "lustre",
  "gpfs",
  "beegfs",
  "orangefs",
  "virtiofs",
  "vboxsf",
  "gfs2",
  "ocfs2",
  "coda",
  "fuse",
  "fuseblk",
]);

/** Whether a file system of this type is read asynchronously. Everything in FUSE is: who answers is a process. */
export function isRemoteType(type: string): boolean {
  return REMOTE.has(type) || type.startsWith("fuse.");
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}
