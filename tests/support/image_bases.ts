/**
 * Stand-ins for the base images of the Dockerfile, made from what the machine has, so that its very lines are built
 * without any registry: a builder with Deno, the runtime of `DENORT_BIN` and the npm packages, and a base to run on
 * with the libraries that the binary is linked to, which are those of distroless/cc.
 */
import { again } from "./again.ts";
import type { TestDocker } from "./dockerd.ts";
import { projectRoot } from "./paths.ts";
import { exists, mustRun, removeFolder } from "./process.ts";
import { findProgram } from "./system.ts";
import type { TarEntry } from "./tar.ts";
import { filesBelow, textOf } from "./tree.ts";

/** Tags of the stand-ins. */
export const bases = { deno: "local/deno:2.4.2", run: "local/distroless-cc:12" };

/** The version that the runtime of `DENORT_BIN` belongs to. */
const denoVersion = "2.4.2";

/** What goes into the build: names of the checkout that .dockerignore lets through. */
function buildInputs(): string[] {
  return textOf(".dockerignore").split("\n").filter((line) => line.startsWith("!")).map((line) =>
    line.slice(1)
  );
}

/** Loads both. The builder's archive is made once per set of packages; that takes a minute. */
export async function loadBases(docker: TestDocker, denort: string): Promise<void> {
  const archive = await denoArchive(denort);
  const env: Record<string, string> = {
    DENO_DIR: "/deno-dir",
    DENORT_BIN: "/usr/local/lib/denort",
    DENO_NO_UPDATE_CHECK: "1",
  };
  const changes = Object.entries(env).flatMap(([name, value]) => ["--change", `ENV ${name}=${value}`]);
  const imported = await docker.cli(["import", ...changes, archive, bases.deno]);
  if (imported.code !== 0) throw new Error(`docker import: ${imported.stderr}`);
  await docker.load({ tag: bases.run, layers: [await runLayer(denort)] });
}

/** The archive of the builder's root, from tests/.cache. */
export async function denoArchive(denort: string): Promise<string> {
  const folder = `${projectRoot}/tests/.cache/image`;
  Deno.mkdirSync(folder, { recursive: true });
  const archive = `${folder}/deno-${denoVersion}-${await packagesKey(denort)}.tar`;
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  // Several test processes may ask at once.
  await lock.lock(true);
  try {
    if (exists(archive)) return archive;
    for (const { name } of Deno.readDirSync(folder)) {
      if (name.endsWith(".tar")) Deno.removeSync(`${folder}/${name}`);
    }
    await makeArchive(denort, archive);
    return archive;
  } finally {
    lock.close();
  }
}

/** Changes with the packages, with how they are fetched, and with the runtime. */
async function packagesKey(denort: string): Promise<string> {
  const files = ["deno.lock", "deno.json", ...filesBelow("build"), ...filesBelow("vendor")];
  const texts = files.map(textOf);
  const all = new TextEncoder().encode([...texts, String(Deno.statSync(denort).size)].join("\0"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function makeArchive(denort: string, archive: string): Promise<void> {
  const work = Deno.makeTempDirSync({ prefix: "denotail-image-" });
  try {
    const env = { DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system" };
    const print = "console.log(Deno.execPath())";
    // Without the project's config, or this version would write its own form of our lock file.
    const npx = ["npx", "-y", `deno@${denoVersion}`, "eval", "--no-config", print];
    const fetched = await again("the download of Deno", () => mustRun(npx, { env, timeoutMs: 300_000 }));
    const deno = fetched.trim();
    const root = `${work}/root`;
    for (const name of ["tmp", "bin", "usr/bin", "usr/local/lib"]) {
      Deno.mkdirSync(`${root}/${name}`, { recursive: true });
    }
    await fillDenoDir(deno, denort, work);
    const busybox = findProgram("/bin/busybox") ?? findProgram("busybox")!;
    Deno.copyFileSync(busybox, `${root}/bin/busybox`);
    for (const applet of ["sh", "mkdir"]) Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
    for (const path of await libraries(deno)) {
      Deno.mkdirSync(`${root}${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.copyFileSync(path, `${root}${path}`);
    }
    Deno.copyFileSync(deno, `${root}/usr/bin/deno`);
    Deno.copyFileSync(denort, `${root}/usr/local/lib/denort`);
    await mustRun(["tar", "-C", root, "-cf", `${archive}.part`, "."]);
    Deno.renameSync(`${archive}.part`, archive);
  } finally {
    removeFolder(work);
  }
}

/** Builds once outside of any container: what this fetches is what a build without a network needs. */
async function fillDenoDir(deno: string, denort: string, work: string): Promise<void> {
  const copy = `${work}/src`;
  Deno.mkdirSync(copy);
  for (const name of buildInputs()) await mustRun(["cp", "-r", `${projectRoot}/${name}`, `${copy}/${name}`]);
  const cache = `${work}/root/deno-dir`;
  const compile = ["task", "compile", "--profile", "daemonset", "--out", `${work}/denotail`];
  const env = {
    DENORT_BIN: denort,
    DENO_DIR: cache,
    DENO_NO_UPDATE_CHECK: "1",
    DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system",
  };
  await again(
    "the download of packages",
    () => mustRun([deno, ...compile], { cwd: copy, env, timeoutMs: 300_000 }),
  );
  // Only the packages: what Deno keeps beside them belongs to paths of this machine.
  for (const { name } of Deno.readDirSync(cache)) if (name !== "npm") removeFolder(`${cache}/${name}`);
}

/** Libraries that a program is linked to, as paths of this machine. */
async function libraries(program: string): Promise<string[]> {
  return [...(await mustRun(["ldd", program])).matchAll(/\/\S+/g)].map(([path]) => path);
}

/** What distroless/cc has, as far as the agent could need it: libraries, authorities, names of users. */
async function runLayer(program: string): Promise<Map<string, TarEntry>> {
  const layer = new Map<string, TarEntry>([
    ["etc/passwd", { type: "file", content: users }],
    ["etc/group", { type: "file", content: "root:x:0:\nnonroot:x:65532:\n" }],
    ["etc/nsswitch.conf", { type: "file", content: "hosts: files dns\n" }],
    ["tmp", { type: "folder", mode: 0o1777 }],
    ["home/nonroot", { type: "folder" }],
  ]);
  const authorities = "/etc/ssl/certs/ca-certificates.crt";
  if (exists(authorities)) {
    layer.set(authorities.slice(1), { type: "file", content: Deno.readFileSync(authorities) });
  }
  for (const path of await libraries(program)) {
    layer.set(path.slice(1), { type: "file", content: Deno.readFileSync(path), mode: 0o755 });
  }
  return layer;
}

const users = `root:x:0:0:root:/root:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;
