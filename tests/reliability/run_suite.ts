import { runLimited } from "../support/run_limited.ts";
import type { Form, SuiteFault } from "./fault.ts";

const limitMs = 20 * 60_000;

/** Runs the tests of a suite that show a fault; gives what they measured. */
export async function runSuite(one: SuiteFault, form: Form): Promise<string> {
  const env: Record<string, string> = form === "full" ? { DENOTAIL_TEST_LONG: "yes" } : {};
  const args = ["test", "-A", "--no-check", "--filter", `/${one.filter.source}/`, one.suite];
  const { code, output } = await runLimited(args, { limitMs, env });
  const measured = [...output.matchAll(/^ {3}measured: (.*)$/gm)].map(([, text]) => text);
  if (code !== 0) throw new Error(`${one.suite} ended with ${code}: ${measured.join("; ")}`);
  if (!/\b[1-9]\d* passed/.test(output)) throw new Error(`no test of ${one.suite} is called ${one.filter}`);
  return measured.join("; ");
}
