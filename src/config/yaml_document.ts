import {
  type Event,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from "js-yaml";
import { Findings } from "./findings.ts";
import type { KeyPath } from "./problem.ts";
import { type MapEntry, type Place, type ScalarNode, type YamlNode } from "./yaml_node.ts";

/** A ConfigMap holds 1 MiB in all; a pipeline is a few KiB. */
export const FILE_CHARS_MAX = 1 << 20;
/** Pipelines nest five deep. */
export const DEPTH_MAX = 32;
/** Values of one file with aliases written out: what a chain of aliases can blow a small file up to. */
export const NODES_MAX = 20_000;

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
  const root = new TreeBuilder(text, events, findings).build();
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

/** An anchor's node and how many nodes it stands for. */
interface Anchored {
  readonly node: YamlNode;
  readonly nodes: number;
}

/** Events -> nodes, one document. Depth is bounded by the parser, so recursion is safe. */
class TreeBuilder {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #findings: Findings;
  readonly #lineStarts: number[];
  readonly #anchors: Map<string, Anchored> = new Map();
  #at = 0;
  #nodes = 0;
  #tooMany = false;

  constructor(text: string, events: readonly Event[], findings: Findings) {
    this.#text = text;
    this.#events = events;
    this.#findings = findings;
    this.#lineStarts = lineStarts(text);
  }

  build(): YamlNode | null {
    if (this.#events.length === 0 || this.#events[1]?.type === EVENT_ID.POP) {
      this.#findings.error("CONFIG_EMPTY", null, [], "The file is empty", {
        help: "A pipeline needs 'inputs' and 'flushers'",
      });
      return null;
    }
    this.#at = 1;
    const root = this.#node([]);
    const next = this.#events[this.#at + 1];
    if (next !== undefined) {
      const first = this.#events[this.#at + 2];
      this.#findings.error(
        "CONFIG_MANY_DOCUMENTS",
        this.#place(eventStart(first)),
        [],
        "The file holds several documents",
        {
          help: "Use one file per pipeline",
        },
      );
    }
    return root;
  }

  #node(path: KeyPath): YamlNode {
    const event = this.#events[this.#at++];
    if (event.type === EVENT_ID.ALIAS) {
      return this.#alias(this.#slice(event.anchorStart, event.anchorEnd), event.anchorStart, path);
    }
    if (
      event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING
    ) {
      throw new Error(`BUG: event ${event.type} where a YAML value begins`);
    }
    const before = this.#nodes;
    this.#count(1, this.#place(eventStart(event)));
    const node = event.type === EVENT_ID.SCALAR
      ? this.#scalar(event, path)
      : event.type === EVENT_ID.SEQUENCE
      ? this.#list(event.start, event, path)
      : this.#map(event.start, event, path);
    if (event.anchorStart >= 0) {
      this.#anchors.set(this.#slice(event.anchorStart, event.anchorEnd), {
        node,
        nodes: this.#nodes - before,
      });
    }
    return node;
  }

  #scalar(event: ScalarEvent, path: KeyPath): ScalarNode {
    const value = getScalarValue(this.#text, event);
    const quotedByMarks = event.style === SCALAR_STYLE.SINGLE_QUOTED ||
      event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    const tag = this.#tag(event, SCALAR_TAGS, path);
    // An empty value has no range: the place is that of the event before it, its key or dash.
    const start = event.valueStart >= 0 ? event.valueStart - (quotedByMarks ? 1 : 0) : this.#lastOffset();
    return {
      kind: "scalar",
      text: value,
      quoted: event.style !== SCALAR_STYLE.PLAIN || tag === "!" || tag === "!!str",
      verbatim: event.fast && tag === "" && event.valueStart >= 0,
      ...this.#place(start),
    };
  }

  #list(start: number, event: Tagged, path: KeyPath): YamlNode {
    this.#tag(event, ["", "!!seq"], path);
    const items: YamlNode[] = [];
    while (!this.#closed()) items.push(this.#node([...path, items.length]));
    return { kind: "list", items, ...this.#place(start) };
  }

  #map(start: number, event: Tagged, path: KeyPath): YamlNode {
    this.#tag(event, ["", "!!map"], path);
    const entries: MapEntry[] = [];
    const merged: YamlNode[] = [];
    const seen = new Set<string>();
    while (!this.#closed()) {
      const key = this.#node(path);
      if (key.kind !== "scalar") {
        this.#findings.error("CONFIG_BAD_KEY", key, path, "A key must be plain text", {
          help: "Is '{{…}}' or '[…]' meant as a text? Then put it in quotes",
        });
        this.#node(path);
        continue;
      }
      const value = this.#node([...path, key.text]);
      if (key.text === "<<" && !key.quoted) merged.push(value);
      else if (seen.has(key.text)) {
        this.#findings.error(
          "CONFIG_DUPLICATE_KEY",
          key,
          [...path, key.text],
          `The key '${key.text}' stands twice`,
        );
      } else {
        seen.add(key.text);
        entries.push({ key: key.text, keyPlace: key, value });
      }
    }
    for (const source of merged) this.#merge(source, entries, seen, path);
    return { kind: "map", entries, ...this.#place(start) };
  }

  /** `<<: *common`: the entries of another map (or several), where the map does not say otherwise. */
  #merge(source: YamlNode, entries: MapEntry[], seen: Set<string>, path: KeyPath): void {
    if (source.kind === "list") {
      for (const item of source.items) this.#merge(item, entries, seen, path);
      return;
    }
    if (source.kind !== "map") {
      this.#findings.error("CONFIG_WRONG_TYPE", source, [...path, "<<"], "Only maps can be merged with '<<'");
      return;
    }
    for (const entry of source.entries) {
      if (seen.has(entry.key)) continue;
      seen.add(entry.key);
      entries.push(entry);
    }
  }

  #alias(name: string, offset: number, path: KeyPath): YamlNode {
    const place = this.#place(offset - 1);
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) {
      this.#findings.error("CONFIG_SYNTAX", place, path, `The alias '*${name}' has no anchor above it`, {
        help: "A text that begins with '*' must be quoted",
      });
      return { kind: "scalar", text: "", quoted: true, verbatim: false, ...place };
    }
    this.#count(anchored.nodes, place);
    return anchored.node;
  }

  #count(more: number, place: Place): void {
    this.#nodes += more;
    if (this.#nodes <= NODES_MAX || this.#tooMany) return;
    this.#tooMany = true;
    this.#findings.error("CONFIG_TOO_MANY_NODES", place, [], "The file has too many values", {
      expected: `at most ${NODES_MAX}, aliases written out`,
    });
  }

  #tag(event: Tagged, allowed: readonly string[], path: KeyPath): string {
    const tag = event.tagStart < 0 ? "" : this.#slice(event.tagStart, event.tagEnd);
    if (!allowed.includes(tag)) {
      this.#findings.error(
        "CONFIG_TAG",
        this.#place(event.tagStart),
        path,
        `The tag '${tag}' is not taken here`,
        {
          help: tag.startsWith("!!") ? "Leave the tag out" : "A text that begins with '!' must be quoted",
        },
      );
    }
    return tag;
  }

  #closed(): boolean {
    if (this.#events[this.#at].type !== EVENT_ID.POP) return false;
    this.#at++;
    return true;
  }

  #lastOffset(): number {
    for (let i = this.#at - 2; i > 0; i--) {
      const offset = eventStart(this.#events[i]);
      if (offset >= 0) return offset;
    }
    return 0;
  }

  #slice(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  #place(offset: number): Place {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(0, offset - this.#lineStarts[low]) + 1 };
  }
}

interface Tagged {
  readonly tagStart: number;
  readonly tagEnd: number;
}

/** Tags that only say what a scalar is anyway. */
const SCALAR_TAGS = ["", "!", "!!str", "!!int", "!!float", "!!bool", "!!null"];

function eventStart(event: Event | undefined): number {
  if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return -1;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}
