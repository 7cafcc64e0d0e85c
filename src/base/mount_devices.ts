/**
 * The devices paths lie on, `major:minor` as in a mountinfo file (kernel, Documentation/filesystems/proc.rst 3.5):
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     id up dev  root  point options    tags…    - type source    super options
 *
 * It is the file system's own number, which two processes see alike; `stat` shows another one on btrfs.
 */
export class MountDevices {
  readonly #byPoint: Map<string, string> = new Map();

  constructor(mountinfo: string) {
    for (const line of mountinfo.split("\n")) {
      const fields = line.split(" ", 7);
      if (fields.length < 7) continue;
      // Of mounts stacked on one point the last one is seen.
      this.#byPoint.set(unescapeOctal(fields[4]), fields[2]);
    }
  }

  /** Device at the longest mount point above the path, "" when there is none. */
  of(path: string): string {
    for (let at = path; at !== "" && at !== "/"; at = at.slice(0, at.lastIndexOf("/"))) {
      const device = this.#byPoint.get(at);
      if (device !== undefined) return device;
    }
    return this.#byPoint.get("/") ?? "";
  }
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}
