/**
 * What the machine under the tests has, and what a test may add to it.
 *
 * A suite asks for what it needs with {@linkcode need}. As root on Debian or Ubuntu missing packages are
 * installed (and named); everywhere else, or with `DENOTAIL_TEST_INSTALL=no`, the suite is skipped with a reason
 * and a remedy, and with `CI=true` that is a failure.
 */
import { run } from "./process.ts";

/** A Debian package that tests use: the program that shows it is there, and other names it goes by. */
interface Package {
  program: string;
  /** Tried in this order where the first one is not in the archive. */
  names: string[];
}

const java: Package = {
  program: "java",
  names: ["openjdk-17-jre-headless", "openjdk-21-jre-headless", "default-jre-headless"],
};

/** The parts a suite can ask for, each with its packages. */
const parts = {
  kafka: [
    java,
    { program: "mvn", names: ["maven"] },
    { program: "kcat", names: ["kcat"] },
    { program: "openssl", names: ["openssl"] },
  ],
  namespace: [
    { program: "unshare", names: ["util-linux"] },
    { program: "ip", names: ["iproute2"] },
  ],
  images: [
    { program: "/bin/busybox", names: ["busybox-static"] },
    { program: "nginx", names: ["nginx"] },
    { program: "curl", names: ["curl"] },
  ],
  docker: [{ program: "dockerd", names: ["docker.io"] }],
  containerd: [
    { program: "containerd", names: ["containerd"] },
    { program: "runc", names: ["runc"] },
    { program: "/usr/lib/cni/bridge", names: ["containernetworking-plugins"] },
  ],
  curl: [{ program: "curl", names: ["curl"] }],
  faketime: [{ program: "faketime", names: ["faketime"] }],
  bindfs: [{ program: "bindfs", names: ["bindfs"] }],
  kustomize: [{ program: "go", names: ["golang-go"] }],
  etcd: [{ program: "etcd", names: ["etcd-server", "etcd"] }],
} satisfies Record<string, Package[]>;

/** A part of the test bed. `docker` and `containerd` need root and bring namespaces and images with them. */
export type Part = keyof typeof parts;

/** What tests see of the machine. */
export interface Machine {
  root: boolean;
  linux: boolean;
  /** `ID` of /etc/os-release, e.g. `debian`; empty where there is none. */
  distribution: string;
  /** True where packages come from apt-get. */
  apt: boolean;
}

/** Looks at the machine. */
export function machine(): Machine {
  const linux = Deno.build.os === "linux";
  let release = "";
  try {
    release = Deno.readTextFileSync("/etc/os-release");
  } catch {
    // Not a Linux distribution with that file.
  }
  const distribution = /^ID="?([^"\n]*)/m.exec(release)?.[1] ?? "";
  const like = /^ID_LIKE="?([^"\n]*)/m.exec(release)?.[1] ?? "";
  const root = linux && Deno.uid() === 0;
  return { root, linux, distribution, apt: /debian|ubuntu/.test(`${distribution} ${like}`) };
}

/** The folders programs are looked for in; daemons live in the sbin ones, which a user's PATH may lack. */
const searchPath = [
  ...new Set([...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin"]),
];

/** The full path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const candidates = name.includes("/") ? [name] : searchPath.map((folder) => `${folder}/${name}`);
  return candidates.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

async function isThere(one: Package): Promise<boolean> {
  if (findProgram(one.program) === undefined) return false;
  // Only the static build runs in an image without libraries; ldd refuses it.
  if (one.program === "/bin/busybox") return (await run(["ldd", "/bin/busybox"])).code !== 0;
  if (one.program !== "java") return true;
  const said = (await run(["java", "-version"])).stderr;
  return Number(/version "(\d+)/.exec(said)?.[1] ?? 0) >= 17;
}

/** What stands in the way of a part, and what a person can do about it. */
export interface Missing {
  reason: string;
  remedy: string;
}

/** Installs what is missing of the packages where that is allowed; gives what stays missing. */
export async function ensurePackages(wanted: Package[]): Promise<Missing | undefined> {
  const missing: Package[] = [];
  for (const one of wanted) if (!await isThere(one)) missing.push(one);
  if (missing.length === 0) return undefined;
  const names = missing.map((one) => one.names[0]).join(" ");
  const reason = `missing: ${missing.map((one) => one.program).join(", ")}`;
  const here = machine();
  if (!here.apt) return { reason, remedy: `install what the Debian packages '${names}' hold` };
  const remedy = `apt-get install ${names}`;
  if (Deno.env.get("DENOTAIL_TEST_INSTALL") === "no") {
    return { reason: `${reason} (DENOTAIL_TEST_INSTALL=no forbids installing)`, remedy };
  }
  if (!here.root) return { reason: `${reason} (not root)`, remedy: `sudo ${remedy}` };
  return await install(missing, { reason, remedy });
}

async function install(missing: Package[], lack: Missing): Promise<Missing | undefined> {
  const held = await Deno.open("/tmp/denotail-test-install.lock", { create: true, write: true });
  // Several test files may ask at once; dpkg takes one at a time.
  await held.lock(true);
  const undo = forbidServices();
  try {
    const still: Package[] = [];
    for (const one of missing) if (!await isThere(one)) still.push(one);
    if (still.length === 0) return undefined;
    if (!await inArchive(still[0].names[0])) await run(["apt-get", "update", "-qq"], { timeoutMs: 300_000 });
    const names: string[] = [];
    for (const one of still) names.push(await firstInArchive(one.names));
    say(`installing system packages: ${names.join(" ")}`);
    const options = ["-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    options.push("-o", "Acquire::Retries=3");
    const apt = ["apt-get", "install", ...options, ...names];
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    let result = await run(apt, { env, timeoutMs: 600_000 });
    if (result.code !== 0) {
      // Lists that are too old name packages that are gone from the archive.
      await run(["apt-get", "update", "-qq"], { timeoutMs: 300_000 });
      result = await run(apt, { env, timeoutMs: 600_000 });
    }
    if (result.code === 0) return undefined;
    return {
      reason: `${lack.reason}; apt-get said: ${result.stderr.trim().slice(-300)}`,
      remedy: lack.remedy,
    };
  } finally {
    undo();
    held.close();
  }
}

/** Keeps apt-get from starting the daemons it installs (nginx and docker bring services along). */
function forbidServices(): () => void {
  const policy = "/usr/sbin/policy-rc.d";
  if (findProgram(policy) !== undefined) return () => {};
  Deno.writeTextFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => Deno.removeSync(policy);
}

async function inArchive(name: string): Promise<boolean> {
  const policy = (await run(["apt-cache", "policy", name])).stdout;
  return /Candidate: (?!\(none\))/.test(policy);
}

async function firstInArchive(names: string[]): Promise<string> {
  for (const name of names) if (await inArchive(name)) return name;
  return names[0];
}

/**
 * Makes the machine ready for the parts. True: go on. False: it cannot be had, which has been reported, and the
 * suite registers its tests with `ignore: true` (see {@linkcode bedTest}).
 */
export async function need(...wanted: Part[]): Promise<boolean> {
  const here = machine();
  const all = new Set<Part>(wanted);
  if (all.has("docker") || all.has("containerd")) all.add("namespace").add("images");
  if (!here.linux) {
    return unavailable(`${[...all].join(", ")} need Linux`, "run the tests on Linux or in a VM");
  }
  if (all.has("namespace") && !here.root) {
    return unavailable("not root: no namespaces, no container runtimes", "run the tests as root (sudo -E)");
  }
  const lack = await ensurePackages([...all].flatMap((part) => parts[part] as Package[]));
  if (lack !== undefined) return unavailable(lack.reason, lack.remedy);
  if (all.has("namespace")) {
    const tried = await run(["unshare", "-m", "-p", "-f", "--mount-proc", "true"]);
    if (tried.code !== 0) {
      return unavailable(`no namespaces: ${tried.stderr.trim()}`, "run in a VM or a privileged container");
    }
  }
  return true;
}

/** The line by which the runner (tests/run.ts) finds a suite's skip in its output. */
export const skipMark = "denotail-suite-skipped:";

/** Reports that a suite cannot run here; gives false. With `CI=true` it throws, which fails the suite. */
export function unavailable(reason: string, remedy: string): false {
  if (Deno.env.get("CI") === "true") {
    throw new Error(`this suite cannot run here, and CI=true forbids skipping: ${reason}; remedy: ${remedy}`);
  }
  say(`${skipMark} ${JSON.stringify({ reason, remedy })}`);
  return false;
}

/** `Deno.test` for suites on the bed: ignored when `ready` (from {@linkcode need}) is false. */
export function bedTest(ready: boolean): (name: string, body: () => void | Promise<void>) => void {
  return (name, fn) => Deno.test({ name, ignore: !ready, fn });
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}
