/**
 * The device a path lies on, `major:minor` as in a mountinfo file (kernel, Documentation/filesystems/proc.rst 3.5):
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     id up dev  root  point options    tags…    - type source    super options
 *
 * It is the file system's own number, which two processes see alike; `stat` shows another one on btrfs. "" when no
 * mount point lies above the path. Of mounts stacked on one point the last one is seen.
 */
export function mountDevice(mountinfo: string, path: string): string {
  let device = "";
  let longest = -1;
  for (const line of mountinfo.split("\n")) {
    const fields = line.split(" ");
    if (fields.length < 7) continue;
    const point = fields[4].replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
    const covers = point === "/" || path === point || path.startsWith(`${point}/`);
    if (!covers || point.length < longest) continue;
    longest = point.length;
    device = fields[2];
  }
  return device;
}
