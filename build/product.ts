/** A look at the compiled file: does it run, how large is it, what is in it. */
import { isLeftover } from "./leave_out.ts";

/** What is ours in the binary, in bytes: 15 MB. */
export const OWN_BYTES_MAX = 15_000_000;

/** Facts about the build that the look needs. */
export interface Built {
  /** What `--version` has to say. */
  readonly version: string;
  /** The runtime the program was put into; empty: Deno's own, of a size that is found in the file. */
  readonly denort: string;
  /** The machine it is for; absent: this one. */
  readonly target: string | undefined;
  /** A folder for the trial's config. */
  readonly folder: string;
}

export function say(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** Throws when the product does not run, is too large, or holds what it should not; says its sizes. */
export async function examine(path: string, built: Built): Promise<void> {
  const bytes = Deno.readFileSync(path);
  const runtimeBytes = built.denort === "" ? elfBytes(bytes) : Deno.statSync(built.denort).size;
  const ownBytes = bytes.length - runtimeBytes;
  say(`  ${megabytes(bytes.length)} in all, of which ${megabytes(ownBytes)} ours\n`);
  if (ownBytes > OWN_BYTES_MAX) {
    throw new Error(`our part of the binary has ${ownBytes} bytes, at most ${OWN_BYTES_MAX} are allowed`);
  }
  const files = embeddedFiles(bytes.subarray(runtimeBytes));
  const machine = elfMachine(bytes);
  const wanted = built.target ?? Deno.build.arch;
  if (!wanted.startsWith(machine)) {
    throw new Error(`the product is for ${machine}, not for ${wanted}: DENORT_BIN names another runtime`);
  }
  const strange = files.filter((name) => isLeftover(name) || name.endsWith(".node"));
  if (strange.length > 0) throw new Error(`the binary holds what no program runs: ${strange.join(", ")}`);
  say(
    files.length === 0
      ? "  what is inside cannot be listed: the form is not known\n"
      : `  ${files.length} files inside; no types, tests or native add-ons\n`,
  );
  if (machine !== Deno.build.arch) {
    say(`  not tried: it is for ${machine}\n`);
    return;
  }
  await tryOut(path, built);
}

/** End of an ELF image: its table of section headers (offset u64 at 40, entry size u16 at 58, count u16 at 60). */
export function elfBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x7f454c46) throw new Error("the product is no ELF file");
  return Number(view.getBigUint64(40, true)) + view.getUint16(58, true) * view.getUint16(60, true);
}

/** Architecture of an ELF image, in Deno's words (machine u16 at 18). */
export function elfMachine(bytes: Uint8Array): string {
  const number = bytes[18] | bytes[19] << 8;
  return number === 62 ? "x86_64" : number === 183 ? "aarch64" : `machine ${number}`;
}

/**
 * Names of files of packages inside, without their folders. Deno 2.4 to 2.9 write the tree as JSON, `{"File":{"n":"name"…`;
 * of another form nothing is found.
 */
export function embeddedFiles(bytes: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(bytes);
  const names: string[] = [];
  for (const [, name] of text.matchAll(/\{"File":\{"n":"([^"]+)"/g)) {
    // Our own sources are TypeScript.
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) names.push(name);
  }
  return names;
}

/** A wrong runtime makes a file that dies at once. */
async function tryOut(path: string, built: Built): Promise<void> {
  const began = performance.now();
  const said = await output(path, ["--version"]);
  if (said.text.trim() !== built.version) {
    throw new Error(`the product does not run: '--version' gave '${said.text.trim().slice(0, 500)}'`);
  }
  say(`  runs: ${built.version} after ${Math.round(performance.now() - began)} ms\n`);
  // The product may not read this folder, and has to say so in its own words.
  const { text, code } = await output(path, ["validate", `--config-dir=${built.folder}`]);
  if (code === 0 || !text.includes(built.folder) || /^\s+at /m.test(text)) {
    throw new Error(
      `the product does not check configurations: 'validate' gave ${code}, '${text.slice(0, 500)}'`,
    );
  }
}

async function output(path: string, args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(path, { args, stdin: "null" }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
