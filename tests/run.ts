/**
 * The whole check of this project, behind `deno task test`: format, lint, types, unit tests, the test bed's own
 * tests, end-to-end suites. Ends with `N passed, N failed`; exit code 1 if anything failed. Suites that measure run one
 * after another, the others two at a time.
 *
 *   deno task test                     everything
 *   deno task test --unit              without the bed and the end-to-end suites
 *   deno task test --only e2e/tutorial test files whose path contains the text, nothing else (may be repeated)
 */
import { runLimited } from "./support/run_limited.ts";
import * as files from "./support/test_files.ts";
import { closingLine, readSummary, type Summary } from "./support/test_summary.ts";

/** What hangs is killed after this time, with all that it started: an end-to-end suite, and all unit tests together. */
const suiteLimitMs = 10 * 60_000;
const unitLimitMs = 15 * 60_000;
/** After this time no suite is run a second time: the whole has to end under 20 minutes. */
const secondRunUntilMs = 14 * 60_000;

const total: Summary = { passed: 0, failed: 0, ignored: 0, skips: [] };
const failures: string[] = [];
/** In CI: suites that failed and are run once more by themselves. */
const again: string[] = [];
const began = performance.now();

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

const unseen = { writeSync: (bytes: Uint8Array) => bytes.length };

/** Runs deno with what it says in sight, or else shown at its end; names what hangs. */
async function deno(
  args: string[],
  limitMs = suiteLimitMs,
  header?: string,
): Promise<{ code: number; output: string; timedOut: boolean }> {
  const show = header === undefined ? undefined : { out: unseen, err: unseen };
  const result = await runLimited(args, { limitMs, show });
  if (header !== undefined) say(`${header}\n${result.output.trimEnd()}`);
  if (result.timedOut) {
    const last = result.output.trimEnd().split("\n").at(-1);
    say(`\n-- killed after ${limitMs / 60_000} minutes; its last line: ${last}`);
  }
  return result;
}

/** A step that is no test: counted only when it fails. */
async function check(name: string, args: string[]): Promise<void> {
  say(`\n== ${name} (${elapsed()})`);
  if ((await deno(args)).code === 0) return;
  total.failed++;
  failures.push(`${name}: deno ${args.join(" ")}`);
}

/**
 * Test files in one run; if not even their modules can be loaded, each by itself, so that one does not hide the rest.
 * `beside` others: what it says is shown at its end.
 */
async function tests(name: string, files: string[], limitMs = suiteLimitMs, beside = false): Promise<void> {
  if (files.length === 0) return;
  const header = `\n== ${name} (${elapsed()})`;
  if (!beside) say(header);
  const args = ["test", "-A", "--no-check", ...files];
  const { code, output, timedOut } = await deno(args, limitMs, beside ? header : undefined);
  if (code !== 0 && isSecondRunOpen(name)) {
    say(`\n-- ${name} failed, once more when the others are done`);
    again.push(name);
    return;
  }
  const summary = readSummary(output);
  if (summary === undefined && files.length > 1 && !timedOut) {
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
  failures.push(timedOut ? `${name} (killed after ${limitMs / 60_000} minutes)` : name);
}

/** What a new machine lacks; a failure shows in the suite that needs it. */
async function fetchParts(): Promise<void> {
  await deno(
    ["run", "-A", "--no-check", "tests/support/fetch_parts.ts"],
    suiteLimitMs,
    "\n== parts of the bed",
  );
}

/**
 * Real daemons on a busy machine are late now and then, and a whole check must not be worth nothing for one of them.
 * What failed once is named at the end all the same, because a defect that shows rarely looks like this, too.
 */
function isSecondRunOpen(name: string): boolean {
  const isSuite = alone.includes(name) && !again.includes(name);
  return isSuite && Deno.env.get("CI") === "true" && performance.now() - began < secondRunUntilMs;
}

function elapsed(): string {
  return `${Math.round((performance.now() - began) / 1000)} s`;
}

interface Plan {
  checks: boolean;
  unit: string[];
  /** Each in a process of its own: they start daemons. */
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
  const wanted = (file: string) => only.length === 0 || only.some((part) => file.includes(part));
  return {
    checks: only.length === 0,
    unit: files.unit.filter(wanted),
    alone: unitOnly ? [] : files.alone.filter(wanted),
  };
}

const { checks, unit, alone } = plan(Deno.args);
if (checks) {
  await check("format", ["fmt", "--check"]);
  await check("lint", ["lint"]);
  await check("types", ["check"]);
}
const fetching = checks && alone.length > 0 ? fetchParts() : undefined;
const waiting = checks ? alone.filter((file) => !files.isMeasuring(file)) : [];
const runner = async () => {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    await tests(file, [file], suiteLimitMs, true);
  }
};
const measuring = alone.filter((file) => !waiting.includes(file));
// The unit tests are one process on one core.
await Promise.all([
  tests("unit tests", unit, unitLimitMs).then(runner),
  Promise.resolve(fetching).then(runner),
]);
for (const file of measuring) await tests(file, [file]);
for (const file of again) await tests(file, [file]);

say(`\nran ${elapsed()}`);
if (total.ignored > 0) say(`${total.ignored} tests were not run`);
for (const reason of new Set(total.skips.map((skip) => `skipped: ${skip.reason}. Remedy: ${skip.remedy}`))) {
  say(reason);
}
for (const name of again) say(`unsteady: ${name} failed at first`);
for (const failure of failures) say(`failed: ${failure}`);
if (total.passed + total.failed === 0) {
  say("no test matched");
  total.failed = 1;
}
say(closingLine(total));
Deno.exit(total.failed > 0 ? 1 : 0);
