import { definePlugin, type Plugin } from "../../src/core/plugin.ts";
import {
  choice,
  durationMs,
  flag,
  integer,
  list,
  mapOf,
  optional,
  options,
  regex,
  section,
  text,
} from "../../src/core/schema.ts";

/** An input with one option of each kind. */
export const testInput = definePlugin({
  kind: "input",
  type: "test_input",
  summary: "Reads nothing",
  schema: options({
    Path: text("Where", { examples: ["/var/log"], otherNames: ["FilePath"] }),
    Stdout: flag("Whether", { default: true }),
    MaxDepth: integer("How deep", { default: 0, minimum: 0, maximum: 1000 }),
    Begin: optional(regex("Where a record begins")),
    Wait: durationMs("How long", { default: 3000, minimum: 10 }),
    IncludeEnv: mapOf("Which", text("Rule"), { default: {} }),
    Encoding: choice("How", ["utf8", "gbk"], { default: "utf8" }),
    Exclude: list("What not", text("Glob"), { default: [] }),
    Multiline: section("Joining", {
      Mode: choice("How", ["custom", "JSON"], { default: "custom" }),
      StartPattern: optional(regex("First line")),
    }),
    Filters: optional(section("Which, absent: all", { Name: text("Name", { default: "any" }) })),
    SaveCheckPointSec: optional(integer("When", { noEffect: "progress is saved within 100 ms" })),
    Password: optional(text("Who", { secret: true })),
    Topics: optional(list("Where to", text("Name", { minLength: 1 }), { minItems: 1 })),
  }),
  examples: [],
  create: () => Promise.resolve({ start() {}, stop() {} }),
}) as unknown as Plugin;

/** A flusher that takes nothing. */
export const testFlusher = definePlugin({
  kind: "flusher",
  type: "test_flusher",
  summary: "Sends nowhere",
  schema: options({ Brokers: list("Who", text("Address"), { minItems: 1 }) }),
  examples: [],
  create: () => Promise.reject(new Error("not made in tests")),
}) as unknown as Plugin;

/** A processor without options. */
export const testProcessor = definePlugin({
  kind: "processor",
  type: "test_processor",
  summary: "Changes nothing",
  schema: options({}),
  examples: [],
  create: () => Promise.resolve({ process() {} }),
}) as unknown as Plugin;

export const TEST_PLUGINS: readonly Plugin[] = [testInput, testProcessor, testFlusher];
