/**
 * The whole check of this project, behind `deno task test`: format, lint, types, unit tests, the test bed's own
 * tests, end-to-end suites one after another. Ends with `N passed, N failed`; exit code 1 if anything failed.
 *
 *   deno task test                     everything
 *   deno task test --unit              without the bed and the end-to-end suites
 *   deno task test --only e2e/tutorial test files whose path contains the text, nothing else (may be repeated)
 */
import { projectRoot } from "./support/paths.ts";
import { closingLine, readSummary, type Summary } from "./support/test_summary.ts";

/** A suite that hangs is ended after this time. */
const suiteLimitMs = 10 * 60_000;

const total: Summary = { passed: 0, failed: 0, ignored: 0, skips: [] };
const failures: string[] = [];
const began = performance.now();

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

/** Runs deno, shows its output as it comes, and gives it back with the exit code. */
async function deno(args: string[]): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: projectRoot,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), suiteLimitMs);
  const chunks: string[] = [];
  const pass = async (from: ReadableStream<Uint8Array>, to: { writeSync(bytes: Uint8Array): number }) => {
    const decoder = new TextDecoder();
    for await (const bytes of from) {
      for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
      chunks.push(decoder.decode(bytes, { stream: true }));
    }
  };
  await Promise.all([pass(child.stdout, Deno.stdout), pass(child.stderr, Deno.stderr)]);
  const { code } = await child.status;
  clearTimeout(timer);
  return { code, output: chunks.join("") };
}

/** A step that is no test: counted only when it fails. */
async function check(name: string, args: string[]): Promise<void> {
  say(`\n== ${name} (${elapsed()})`);
  if ((await deno(args)).code === 0) return;
  total.failed++;
  failures.push(`${name}: deno ${args.join(" ")}`);
}

/** Test files in one run; if not even their modules can be loaded, each by itself, so that one does not hide the rest. */
async function tests(name: string, files: string[]): Promise<void> {
  if (files.length === 0) return;
  say(`\n== ${name} (${elapsed()})`);
  const { code, output } = await deno(["test", "-A", "--no-check", ...files]);
  const summary = readSummary(output);
  if (summary === undefined && files.length > 1) {
    for (const file of files) await tests(file, [file]);
    return;
  }
  total.passed += summary?.passed ?? 0;
  total.failed += summary?.failed ?? 0;
  total.ignored += summary?.ignored ?? 0;
  for (const skip of summary?.skips ?? []) {
    total.skips.push(skip);
    say(`-- skipped in ${name}: ${skip.reason}. Remedy: ${skip.remedy}`);
  }
  if (code === 0) return;
  // A run that broke off (or leaked, or timed out) after its last passed test is a failure too.
  if ((summary?.failed ?? 0) === 0) total.failed++;
  failures.push(name);
}

/** All test files, sorted, relative to the root. */
function testFiles(folder: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(`${projectRoot}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && !entry.name.startsWith(".")) found.push(...testFiles(path));
    else if (entry.name.endsWith("_test.ts")) found.push(path);
  }
  return found.sort();
}

function elapsed(): string {
  return `${Math.round((performance.now() - began) / 1000)} s`;
}

interface Plan {
  checks: boolean;
  unit: string[];
  /** Run one after another, each in a process of its own: they start daemons and measure. */
  alone: string[];
}

function plan(args: string[]): Plan {
  const only: string[] = [];
  let unitOnly = false;
  for (let n = 0; n < args.length; n++) {
    if (args[n] === "--unit") unitOnly = true;
    else if (args[n] === "--only" && args[n + 1] !== undefined) only.push(args[++n]);
    else if (args[n] !== "--") {
      say(`unknown argument '${args[n]}'; known: --unit, --only <part of a path>`);
      Deno.exit(2);
    }
  }
  const files = [...testFiles("tests"), ...testFiles("vendor")];
  const wanted = only.length === 0 ? files : files.filter((file) => only.some((part) => file.includes(part)));
  const onBed = (file: string) => Deno.readTextFileSync(`${projectRoot}/${file}`).includes("bedTest(");
  const isAlone = (file: string) => file.startsWith("tests/e2e/") || onBed(file);
  const alone = wanted.filter(isAlone).sort((a, b) =>
    Number(a.includes("/e2e/")) - Number(b.includes("/e2e/"))
  );
  return {
    checks: only.length === 0,
    unit: wanted.filter((file) => !isAlone(file)),
    alone: unitOnly ? [] : alone,
  };
}

const { checks, unit, alone } = plan(Deno.args);
if (checks) {
  await check("format", ["fmt", "--check"]);
  await check("lint", ["lint"]);
  await check("types", ["check"]);
}
await tests("unit tests", unit);
for (const file of alone) await tests(file, [file]);

say(`\nran ${elapsed()}`);
if (total.ignored > 0) say(`${total.ignored} tests were not run`);
for (const reason of new Set(total.skips.map((skip) => `skipped: ${skip.reason}. Remedy: ${skip.remedy}`))) {
  say(reason);
}
for (const failure of failures) say(`failed: ${failure}`);
if (total.passed + total.failed === 0) {
  say("no test matched");
  total.failed = 1;
}
say(closingLine(total));
Deno.exit(total.failed > 0 ? 1 : 0);
