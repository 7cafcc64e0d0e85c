import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import type { Findings } from "./findings.ts";
import { LineIndex } from "./line_index.ts";
import type { KeyPath } from "./problem.ts";
import type { MapEntry, Place, ScalarNode, YamlNode } from "./yaml_node.ts";

/** Values of one file with aliases written out: what a chain of aliases can blow a small file up to. */
export const NODES_MAX = 20_000;

/** An anchor's node and how many nodes it stands for. */
interface Anchored {
  readonly node: YamlNode;
  readonly nodes: number;
}

/** Events -> nodes, one document. Depth is bounded by the parser, so recursion is safe. */
export class YamlTree {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #findings: Findings;
  readonly #lines: LineIndex;
  readonly #anchors: Map<string, Anchored> = new Map();
  #at = 0;
  #nodes = 0;
  #tooMany = false;

  constructor(text: string, events: readonly Event[], findings: Findings) {
    this.#text = text;
    this.#events = events;
    this.#findings = findings;
    this.#lines = new LineIndex(text);
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
    return this.#lines.place(offset);
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
