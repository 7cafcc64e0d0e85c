/**
 * `deno task compile`: the program as one file, with its permissions baked in. See docs/compiled.md.
 *
 * Only official Deno can download the runtime that `deno compile` puts the program into. Where `DENORT_BIN` names one
 * (of Deno 2.4.2), that version of Deno compiles, whichever runs this.
 */
import type { Profile } from "../src/cli/permissions.ts";
import { permissionFlags, v8Flag } from "./deno_flags.ts";
import { type CompileOptions, grantsFor, readOptions, USAGE } from "./options.ts";
import { examine, say } from "./product.ts";
import { isFolder, stage } from "./stage.ts";

/** The version that the runtime of `DENORT_BIN` has to be of: the container format is its own in each. */
const DENORT_VERSION = "2.4.2";
/** Versions whose flags `--print` shows; between them nothing changes that matters here. */
const PRINTED_VERSIONS = ["2.4", "2.9"];

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** Flags of `deno compile` up to `--output`. */
function compileFlags(profile: Profile, options: CompileOptions, denoVersion: string): string[] {
  return [
    ...permissionFlags(grantsFor(profile, options.more), denoVersion),
    v8Flag(),
    // V8's flags count for the compiler, too; types are checked by `deno task check`.
    "--no-check",
    // Nothing is written beside the checkpoint, and the root file system may be read-only.
    "--no-code-cache",
    // Exactly what lies in the staged folder is taken.
    "--no-lock",
    // A thread's module is found by its address, which the compiler does not follow.
    "--include=worker.ts",
    ...(options.target === undefined ? [] : [`--target=${options.target}`]),
  ];
}

async function run(command: readonly string[], cwd: string): Promise<void> {
  const env: Record<string, string> = {
    // Deno 2.4 has too small a stack for our largest module.
    RUST_MIN_STACK: Deno.env.get("RUST_MIN_STACK") ?? String(16 * 1024 * 1024),
    DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
  const child = new Deno.Command(command[0], { args: command.slice(1), cwd, env, stdin: "null" });
  const { code, stdout, stderr } = await child.output();
  if (code === 0) return;
  say(`${new TextDecoder().decode(stdout)}${new TextDecoder().decode(stderr)}\n`);
  const hint = command.includes("compile")
    ? "; without DENORT_BIN Deno's download host has to be in reach"
    : "";
  throw new Error(`'${command.slice(0, 4).join(" ")} …' ended with ${code}${hint}`);
}

async function compile(options: CompileOptions): Promise<void> {
  const denort = Deno.env.get("DENORT_BIN") ?? "";
  const isForeign = denort !== "" && Deno.version.deno !== DENORT_VERSION;
  const deno = isForeign ? ["npx", "-y", `deno@${DENORT_VERSION}`] : [Deno.execPath()];
  const denoVersion = isForeign ? DENORT_VERSION : Deno.version.deno;
  // Deno would write into a folder, under a name of its own.
  const taken = options.profiles.map((profile) => outOf(profile, options)).find(isFolder);
  if (taken !== undefined) throw new Error(`'${taken}' is a folder`);
  const folder = Deno.makeTempDirSync({ prefix: "denotail-build-" });
  try {
    await stage(root, folder, deno, run);
    for (const profile of options.profiles) {
      const out = outOf(profile, options);
      Deno.mkdirSync(out.replace(/\/[^/]*$/, "") || "/", { recursive: true });
      const flags = compileFlags(profile, options, denoVersion);
      say(`${out}: profile ${profile}, Deno ${denoVersion}\n${flags.map((flag) => `  ${flag}\n`).join("")}`);
      await run([...deno, "compile", "--quiet", ...flags, "--output", out, "main.ts"], folder);
      const version = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)).version;
      try {
        await examine(out, { version, denort, target: options.target, folder });
      } catch (error) {
        // Nobody should ship it by accident.
        Deno.removeSync(out);
        throw error;
      }
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Where a product goes. Relative paths are counted from the root of the project, where tasks run. */
function outOf(profile: Profile, options: CompileOptions): string {
  const path = options.out ?? `dist/denotail${profile === "vm" ? "-vm" : ""}`;
  return path.startsWith("/") ? path : `${root}/${path}`;
}

function print(options: CompileOptions): void {
  for (const profile of options.profiles) {
    for (const version of PRINTED_VERSIONS) {
      say(`profile ${profile}, Deno ${version}\n`);
      for (const flag of compileFlags(profile, options, version)) say(`  ${flag}\n`);
    }
  }
}

const options = readOptions(Deno.args);
if (typeof options === "string") {
  say(`${options}\n\n${USAGE}`);
  Deno.exit(64);
}
try {
  if (options.print) print(options);
  else await compile(options);
} catch (error) {
  say(`deno task compile: ${(error as Error).message}\n`);
  Deno.exit(1);
}
