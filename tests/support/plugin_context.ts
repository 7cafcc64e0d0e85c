import { KeyTable } from "../../src/core/keys.ts";
import type { PluginContext, Report } from "../../src/core/plugin.ts";
import type { Cell, LogFields, Metrics } from "../../src/core/telemetry.ts";

/** A plugin's context that remembers what was said and counted. */
export interface TestContext extends PluginContext {
  /** `level: message` of every line of the log. */
  readonly said: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  /** Value of a counter, its labels left out of account. */
  count(name: string): number;
}

/** Makes a context; plugins that share `keys` may share batches. */
export function testContext(keys = new KeyTable(), id = "plugin#0"): TestContext {
  const said: { level: string; message: string; fields: LogFields }[] = [];
  const cells = new Map<string, Cell>();
  const say = (level: string) => (message: string, fields: LogFields = {}) =>
    void said.push({ level, message, fields });
  const cell = (name: string): Cell => {
    const known = cells.get(name) ?? { value: 0 };
    cells.set(name, known);
    return known;
  };
  const metrics: Metrics = { counter: cell, gauge: cell, observe() {}, forget() {} };
  return {
    pipeline: "test",
    id,
    keys,
    said,
    log: {
      debug: say("debug"),
      info: say("info"),
      warn: say("warn"),
      error: say("error"),
      warnOnce: (_key, message, fields) => say("warn")(message, fields),
    },
    metrics,
    clock: {
      wallMs: () => 1_700_000_000_000,
      monotonicMs: () => 0,
      after: () => {
        throw new Error("BUG: this test has no timers");
      },
    },
    env: () => undefined,
    count: (name) => cells.get(name)?.value ?? 0,
  };
}

/** A report that lists what was said: `error Regex REGEX_INVALID`. */
export function testReport(): Report & { readonly problems: string[] } {
  const problems: string[] = [];
  return {
    problems,
    error: (path, code) => void problems.push(`error ${path.join(".")} ${code}`),
    warn: (path, code) => void problems.push(`warn ${path.join(".")} ${code}`),
  };
}
