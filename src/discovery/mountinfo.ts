/** The layers of an overlay mount, as host paths. */
export interface OverlayLayers {
  /** Writable layer, "" for a read-only overlay. */
  readonly upperDir: string;
  /** Read-only layers, topmost first. */
  readonly lowerDirs: readonly string[];
}

/** One line of `/proc/<pid>/mountinfo`, the fields used here. */
export interface MountLine {
  /** Path of the mounted part within its file system. */
  readonly root: string;
  readonly mountPoint: string;
  /** Whether mounts made elsewhere later appear here: `shared` and `slave` do, the others do not. */
  readonly propagation: "shared" | "slave" | "private" | "unbindable";
  readonly fileSystem: string;
  readonly superOptions: string;
}

/**
 * Reads `/proc/<pid>/mountinfo` (kernel, Documentation/filesystems/proc.rst 3.5):
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     id up dev  root  point options    tags…    - type source    super options
 *
 * Blanks, tabs, newlines and backslashes in paths are octal: `\040`.
 */
export function parseMountinfo(text: string): readonly MountLine[] {
  const lines: MountLine[] = [];
  for (const line of text.split("\n")) {
    const fields = line.split(" ");
    const dash = fields.indexOf("-", 6);
    if (dash < 0 || fields.length < dash + 4) continue;
    lines.push({
      root: unescapeOctal(fields[3]),
      mountPoint: unescapeOctal(fields[4]),
      propagation: propagationOf(fields.slice(6, dash)),
      fileSystem: fields[dash + 1],
      superOptions: fields.slice(dash + 3).join(" "),
    });
  }
  return lines;
}

/** The optional fields: `shared:N` sends and receives, `master:N` receives only. */
function propagationOf(tags: readonly string[]): MountLine["propagation"] {
  if (tags.some((tag) => tag.startsWith("shared:"))) return "shared";
  if (tags.some((tag) => tag.startsWith("master:"))) return "slave";
  return tags.includes("unbindable") ? "unbindable" : "private";
}

/**
 * The overlay that is mounted at `/`, or `null` where the root is something else (another snapshotter). With
 * mounts stacked at `/` the last line counts, as in the kernel.
 */
export function overlayAtRoot(text: string): OverlayLayers | null {
  let found: OverlayLayers | null = null;
  for (const line of parseMountinfo(text)) {
    if (line.mountPoint !== "/") continue;
    found = line.fileSystem === "overlay" ? overlayLayers(line.superOptions) : null;
  }
  return found;
}

/**
 * Layers out of overlay's options. Newer kernels print one `lowerdir+=` per layer. A relative layer is relative
 * to the folder that holds all layers: containerd and Docker change into it before they mount.
 */
export function overlayLayers(superOptions: string): OverlayLayers {
  let upperDir = "";
  const lowerDirs: string[] = [];
  for (const option of splitUnescaped(superOptions, ",")) {
    const equals = option.indexOf("=");
    const key = option.slice(0, equals);
    const value = option.slice(equals + 1);
    if (key === "upperdir") upperDir = unescapeOctal(value);
    else if (key === "lowerdir+") lowerDirs.push(unescapeOctal(value));
    else if (key === "lowerdir") {
      for (const layer of splitUnescaped(value, ":")) lowerDirs.push(unescapeOctal(layer));
    }
  }
  if (!upperDir.startsWith("/")) upperDir = "";
  const base = upperDir.split("/").slice(0, -2).join("/");
  const absolute = lowerDirs.map((layer) =>
    layer.startsWith("/") ? layer : base === "" ? "" : `${base}/${layer}`
  );
  return { upperDir, lowerDirs: absolute.filter((layer) => layer !== "") };
}

/** Splits at a separator that has no backslash before it, and takes such backslashes away. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && text[at + 1] === separator) part += text[++at];
    else if (text[at] === separator) {
      parts.push(part);
      part = "";
    } else part += text[at];
  }
  parts.push(part);
  return parts;
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}
