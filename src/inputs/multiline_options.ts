import type { CustomMultiline, Multiline } from "../core/framing.ts";
import type { Report } from "../core/plugin.ts";
import { choice, flag, integer, optional, regex, section, type Static } from "../core/schema.ts";
import { compilePattern } from "./value_rule.ts";

const ABOUT = "Records of several lines. Each pattern must match the whole line.";
const MODES = "`custom`: by the patterns. `JSON`: an object may span lines.";

const patterns = {
  StartPattern: regex("First line of a record; empty: none.", {
    default: "",
    examples: ["\\d{4}-\\d{2}-\\d{2} .*"],
  }),
  ContinuePattern: regex("Further lines of a record; empty: none.", { default: "", examples: ["\\s.*"] }),
  EndPattern: regex("Last line of a record; empty: none.", { default: "" }),
  UnmatchedContentTreatment: choice("What happens to lines that belong to no record.", [
    "single_line",
    "discard",
  ], {
    default: "single_line",
  }),
  IgnoringUnmatchWarning: optional(flag("Accepted for compatibility.", {
    noEffect: "lines that belong to no record are counted, not logged",
  })),
};

/** `Multiline` of container output, which never ends as a file does. */
export const streamMultilineSection = section(ABOUT, {
  Mode: choice(MODES, ["custom", "JSON"], { default: "custom" }),
  ...patterns,
});

/** `Multiline` of files. */
export const multilineSection = section(ABOUT, {
  Mode: choice(`${MODES} \`whole_file\`: the file is one record, which ends when the file was quiet.`, [
    "custom",
    "JSON",
    "whole_file",
  ], { default: "custom" }),
  ...patterns,
  MaxWholeFileBytes: integer("Largest file taken as one record, for `whole_file`.", {
    default: 10 * 1024 * 1024,
    minimum: 1024,
    maximum: 20 * 1024 * 1024,
  }),
  FileWriteMode: optional(choice("Accepted for compatibility.", ["append", "overwrite"], {
    noEffect: "a rewritten file is recognised by its content",
  })),
});

const PATTERNS = ["StartPattern", "ContinuePattern", "EndPattern"] as const;

type Given = Static<typeof streamMultilineSection> | Static<typeof multilineSection>;

/** Compiles the section; `null`: single lines. Without any pattern `custom` means single lines, as in iLogtail. */
export async function compileMultiline(
  given: Given,
  report: Report,
): Promise<Multiline | null> {
  const unmatched = given.UnmatchedContentTreatment;
  const unused = PATTERNS.find((name) => given.Mode !== "custom" && given[name] !== "");
  if (unused !== undefined) {
    report.warn(
      ["Multiline", unused],
      "MULTILINE_PATTERN_UNUSED",
      `'${unused}' counts only with 'Mode: custom'`,
    );
  }
  if (given.Mode === "JSON") return { mode: "json", unmatched };
  if ("MaxWholeFileBytes" in given && given.Mode === "whole_file") {
    return { mode: "whole_file", bytesMax: given.MaxWholeFileBytes };
  }
  const pattern = (name: (typeof PATTERNS)[number]) =>
    given[name] === "" ? null : compilePattern(given[name], ["Multiline", name], report, { whole: true });
  const [start, next, end] = [
    await pattern("StartPattern"),
    await pattern("ContinuePattern"),
    await pattern("EndPattern"),
  ];
  if (start === null && end === null) {
    if (next !== null) {
      report.warn(
        ["Multiline", "ContinuePattern"],
        "MULTILINE_ONLY_CONTINUE",
        "ContinuePattern alone says nothing about where a record begins or ends, so lines stay single",
      );
    }
    return null;
  }
  if (start !== null && next !== null && end !== null) {
    report.warn(
      ["Multiline", "ContinuePattern"],
      "MULTILINE_THREE_PATTERNS",
      "With StartPattern and EndPattern given, ContinuePattern is ignored",
    );
  }
  const custom: CustomMultiline = {
    mode: "custom",
    start,
    next: start !== null && end !== null ? null : next,
    end,
    unmatched,
  };
  return custom;
}
