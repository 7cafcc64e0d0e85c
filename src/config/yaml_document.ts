import { type Event, parseEvents, YAMLException } from "js-yaml";
import { Findings } from "./findings.ts";
import type { YamlNode } from "./yaml_node.ts";
import { YamlTree } from "./yaml_tree.ts";

/** A ConfigMap holds 1 MiB in all; a pipeline is a few KiB. */
export const FILE_CHARS_MAX = 1 << 20;
/** Pipelines nest five deep. */
export const DEPTH_MAX = 32;

/** One YAML file as nodes with places. `root` is null when there is an error among the findings. */
export interface YamlDocument {
  readonly file: string;
  readonly root: YamlNode | null;
  readonly findings: Findings;
}

/**
 * Reads the text of one file. js-yaml's events carry offsets of every value, so that places are exact and scalars
 * keep their text; its constructor, which would turn `1.10` into 1.1 and forget places, is not used.
 */
export function readYamlDocument(file: string, text: string): YamlDocument {
  const findings = new Findings(file, text.split(/\r\n|\r|\n/));
  if (text.length > FILE_CHARS_MAX) {
    findings.error("CONFIG_TOO_LARGE", null, [], "The file is too large", {
      found: `${text.length} characters`,
      expected: `at most ${FILE_CHARS_MAX}`,
    });
    return { file, root: null, findings };
  }
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: DEPTH_MAX });
  } catch (error) {
    reportSyntax(error, findings);
    return { file, root: null, findings };
  }
  const root = new YamlTree(text, events, findings).build();
  return { file, root: findings.hasErrors ? null : root, findings };
}

function reportSyntax(error: unknown, findings: Findings): void {
  if (!(error instanceof YAMLException)) throw error;
  const mark = error.mark as { line: number; column: number } | undefined;
  const place = mark === undefined ? null : { line: mark.line + 1, column: mark.column + 1 };
  if (error.reason.startsWith("nesting exceeded")) {
    findings.error("CONFIG_TOO_DEEP", place, [], "Lists and maps are nested too deeply", {
      expected: `at most ${DEPTH_MAX} levels`,
    });
    return;
  }
  const help = /tab characters/.test(error.reason)
    ? "Indent with spaces; YAML takes no tabs there"
    : /null byte/.test(error.reason)
    ? "The file holds a zero byte; is it text?"
    : undefined;
  const reason = error.reason[0].toUpperCase() + error.reason.slice(1);
  findings.error("CONFIG_SYNTAX", place, [], reason, help === undefined ? {} : { help });
}
